// Busbar in this process, put together the way the command line does it.
import { hostname } from "node:os";
import { createGrpcExecutor } from "../../src/adapters/executor-grpc/executor.ts";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { createSystemRandom } from "../../src/adapters/system/random.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Executor } from "../../src/ports/executor.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { createLocalRuntime, type LocalRuntime } from "../../src/runtimes/local/runtime.ts";
import type { Workflow } from "../../src/spec/workflow.ts";

const clock = createSystemClock();
const ids = createSystemIds();
const secrets = createSecrets((name) => process.env[name]);

export function openJournal(stateDir: string): Promise<Journal> {
  return openSqliteJournal({ stateDir, clock, ids, pid: process.pid, host: hostname() });
}

export function createCaller(): Executor {
  return createGrpcExecutor({ clock, secrets, ids });
}

/** @param workflow the only one it runs: it is not parsed again for each run, as it is not by the command line */
export function createRuntime(journal: Journal, grpc: Executor, workflow: Workflow): LocalRuntime {
  return createLocalRuntime({
    journal,
    executors: { grpc },
    clock,
    random: createSystemRandom(),
    ids,
    secrets,
    busbarVersion: "bench",
    readDefinition: async () => workflow,
  });
}

/** Runs it to its end, without preflight. */
export async function runToSuccess(runtime: LocalRuntime, { definition }: Workflow): Promise<string> {
  const { runId } = await runtime.start({ definition });
  const end = await runtime.wait(runId);
  if (end.type !== "run.succeeded") throw new Error(`run ${runId} ended with ${JSON.stringify(end)}`);
  return runId;
}
