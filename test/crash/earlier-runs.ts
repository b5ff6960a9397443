import { hostname } from "node:os";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { createSystemRandom } from "../../src/adapters/system/random.ts";
import { readWorkflowFile } from "../../src/adapters/workflow-file/read-file.ts";
import { openRunLogs } from "../../src/app/run-logs.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { createLocalRuntime } from "../../src/runtimes/local/runtime.ts";
import { createFakeExecutor, untilAborted } from "../../src/testing/fake-executor.ts";
import { readDefinition } from "../../src/testing/read-definition.ts";
import { type Definition, hashDefinition } from "../../src/workflow/model/definition.ts";

/** Runs of an owner that is not there any more. */
export interface EarlierRuns {
  /** All that have ended, the oldest first; each has logs. */
  readonly ended: readonly string[];
  /** One that was interrupted, and one that was interrupted while it was paused. */
  readonly unfinished: readonly string[];
}

/** So much that a few runs leave more free pages than are given back at once. */
const OUTPUT_BYTES = 30_000;
/** Everything of such a run hangs. */
const HANGS = "left-";

/**
 * Makes runs of the file, of another text of it, and of each other: pruned runs share what others need.
 * @param count how many have ended, at least 2
 */
export async function makeEarlierRuns(stateDir: string, file: string, count: number): Promise<EarlierRuns> {
  const shared = createShared(createSecrets(() => ""));
  const [clock, ids, pid, host] = [createSystemClock(), createSystemIds(), process.pid, hostname()];
  const journal = await openSqliteJournal({ stateDir, clock, ids, pid, host });
  const logs = openRunLogs(stateDir, shared, () => undefined);
  const executor = createFakeExecutor((attempt, signal) =>
    attempt.runId.startsWith(HANGS)
      ? untilAborted(signal)
      : { outcome: "succeeded", output: { message: "x".repeat(OUTPUT_BYTES) } },
  );
  const runtime = createLocalRuntime({
    ...{ journal, clock, ids, logs, readDefinition, secrets: shared.secrets, busbarVersion: "0.0.0-test" },
    executors: { grpc: executor },
    random: createSystemRandom(),
  });
  const definition = await readFile(file);
  // Of the same meaning, and another text.
  const text = `${definition.text} `;
  const other = { ...definition, text, hash: hashDefinition(text) };
  const ended: string[] = [];
  const keepLogs = (runId: string): void => {
    const log = logs.open(runId, { nodeId: "n0", attempt: 1 });
    log.write("stdout", `this is ${runId}\n`);
    log.end();
  };
  try {
    for (let index = 0; index < count; index += 1) {
      const runId = `old-${String(index).padStart(3, "0")}`;
      const source = ended[0];
      // It stays, and what it is made of goes.
      if (index === count - 1 && source !== undefined) await runtime.rerun(source, { runId, from: ["n0"] });
      else await runtime.start({ runId, definition: index % 3 === 1 ? other : definition });
      keepLogs(runId);
      await runtime.wait(runId);
      ended.push(runId);
    }
    const unfinished = [`${HANGS}running`, `${HANGS}paused`];
    for (const runId of unfinished) {
      await runtime.start({ runId, definition });
      keepLogs(runId);
    }
    await runtime.request({ runId: `${HANGS}paused`, kind: "pause", by: "test", key: "pause" });
    return { ended, unfinished };
  } finally {
    await runtime.close();
    await journal.close();
  }
}

async function readFile(file: string): Promise<Definition> {
  const { parsed } = await readWorkflowFile(file);
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join("; "));
  return parsed.value.definition;
}
