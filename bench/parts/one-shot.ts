import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../harness/child.ts";
import { timeBusbar, timeProcess } from "../harness/cli.ts";
import { withFolder } from "../harness/folders.ts";
import type { Part } from "../harness/part.ts";
import { requirePython } from "../harness/python.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";
import { threeNodeFile } from "../harness/three-nodes.ts";

const KIT_SERVERS = fileURLToPath(new URL("../peers/kit-servers.ts", import.meta.url));
const THREE_CALLS = fileURLToPath(new URL("../peers/three_calls.py", import.meta.url));

export const oneShotPart: Part = {
  name: "one-shot",
  about: "busbar run of the 3-node file, whole process, against a Python script with just the three calls",
  async *measure(context) {
    const python = requirePython();
    if (!python.found) {
      yield { skip: python.skip };
      return;
    }
    const servers = await startChild<readonly string[]>([KIT_SERVERS]);
    try {
      const file = join(context.folder, "pipeline.json");
      writeFileSync(file, threeNodeFile(servers.said));
      const run = (stateDir: string, ...more: readonly string[]): number =>
        timeBusbar(["run", file, "--state-dir", stateDir, ...more]);
      const used = join(context.folder, "state");
      const samples = await measureInRounds(
        {
          python: () => timeProcess(python.peer.path, [THREE_CALLS, ...servers.said]),
          busbar: () => run(used),
          json: () => run(used, "--json"),
          unchecked: () => run(used, "--no-preflight"),
          fresh: () => withFolder(context.folder, async (folder) => run(join(folder, "state"))),
          node: () => timeProcess(process.execPath, ["-e", "0"]),
        },
        context,
      );
      const ms = (values: readonly number[]): string => `${spreadOf(values).median.toFixed(1)} ms`;
      const note = (values: readonly number[]): string => `${ms(values)} to ${ms(samples.python)}`;
      const result = (name: string, values: readonly number[], asked = {}) =>
        ratioResult("one-shot", `${name}, to three_calls.py`, ratioOf(values, samples.python), context.rounds, {
          ...asked,
          note: note(values),
        });
      context.say(`  Python ${python.peer.versions.replace(" ", ", grpcio ")}; node -e 0 takes ${ms(samples.node)}`);
      yield result("busbar run", samples.busbar, { asked: { bound: "at most", value: 1.05, goal: 0.9 } });
      yield result("busbar run --json", samples.json);
      yield result("busbar run --no-preflight", samples.unchecked, { asked: { bound: "at most", value: 0.95 } });
      yield result("busbar run in a new state directory", samples.fresh);
    } finally {
      await servers.stop();
    }
  },
};
