// Busbar in this process, put together the way the command line does it.
import { hostname } from "node:os";
import { createGrpcExecutor } from "../../src/adapters/executor-grpc/executor.ts";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { createSystemRandom } from "../../src/adapters/system/random.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Executor } from "../../src/ports/executor.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { createLocalRuntime, type LocalRuntime } from "../../src/runtimes/local/runtime.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";

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
export async function runToSuccess(runtime: LocalRuntime, { definition }: Workflow, watchers = 0): Promise<string> {
  const { runId } = await runtime.start({ definition });
  const watched = Array.from({ length: watchers }, () => takeAll(runtime.watch(runId)));
  const end = await runtime.wait(runId);
  for (const last of await Promise.all(watched)) {
    if (last !== end.seq) throw new Error(`a watcher of run ${runId} saw events up to ${last}, not ${end.seq}`);
  }
  if (end.type !== "run.succeeded") throw new Error(`run ${runId} ended with ${JSON.stringify(end)}`);
  return runId;
}

/** @returns `seq` of the last event */
async function takeAll(events: AsyncIterable<RunEvent>): Promise<number> {
  let last = 0;
  for await (const { seq } of events) last = seq;
  return last;
}
