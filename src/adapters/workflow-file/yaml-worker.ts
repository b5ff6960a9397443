// The thread that reads large YAML. It is an entry point of its own: yaml-apart.ts starts it, nothing imports it.
import { parentPort, workerData } from "node:worker_threads";
import { yamlInPlace } from "../../workflow/text/yaml.ts";
import type { YamlTask } from "./yaml-apart.ts";

// No `await` at the top: the build makes CommonJS of this, as which a thread takes a text.
void answer(workerData as YamlTask).then((result) => parentPort?.postMessage(result));

async function answer(task: YamlTask) {
  return task.kind === "read" ? yamlInPlace.read(task.text) : yamlInPlace.locate(task.text, task.targets);
}
