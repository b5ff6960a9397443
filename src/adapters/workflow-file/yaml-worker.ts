// The thread that reads large YAML. It is an entry point of its own: yaml-apart.ts starts it, nothing imports it.
import { parentPort, workerData } from "node:worker_threads";
import { yamlInPlace } from "../../workflow/text/yaml.ts";
import type { YamlTask } from "./yaml-apart.ts";

const task = workerData as YamlTask;
const answer =
  task.kind === "read" ? await yamlInPlace.read(task.text) : await yamlInPlace.locate(task.text, task.targets);
parentPort?.postMessage(answer);
