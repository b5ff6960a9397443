// One run of a large graph in a process of its own: how long it takes, and the most memory the process ever held.
// Usage: node one-run.ts SHAPE NODES FOLDER
import { createFakeExecutor, SUCCEEDED } from "../../src/testing/fake-executor.ts";
import { createRuntime, openJournal, runToSuccess } from "../harness/busbar.ts";
import { withFolder } from "../harness/folders.ts";
import { peakMemoryMb } from "../harness/memory.ts";
import { type Shape, shapeOf } from "../harness/shapes.ts";

export interface OneRun {
  readonly tookMs: number;
  readonly peakMb: number;
}

const [shape, nodes, parent] = process.argv.slice(2);
if (parent === undefined) throw new Error("Usage: one-run.ts SHAPE NODES FOLDER");

const run = (size: number): Promise<number> =>
  withFolder(parent, async (stateDir) => {
    const workflow = shapeOf(shape as Shape, size);
    const journal = await openJournal(stateDir);
    const runtime = createRuntime(
      journal,
      createFakeExecutor(() => SUCCEEDED),
      workflow,
    );
    const began = performance.now();
    await runToSuccess(runtime, workflow);
    const tookMs = performance.now() - began;
    await runtime.close();
    await journal.close();
    return tookMs;
  });

// Warmed up alike, so that the smaller graph does not pay more of the compiling.
await run(2000);
const tookMs = await run(Number(nodes));
const said: OneRun = { tookMs, peakMb: peakMemoryMb() };
process.stdout.write(`${JSON.stringify(said)}\n`);
