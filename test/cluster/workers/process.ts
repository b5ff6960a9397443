// A worker that does as the ids of nodes say (script.ts), and notes each attempt before and after it where no kill takes
// the note back. It ends with its standard input, so that it does not outlive who started it.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fsyncSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createShared } from "../../../src/app/shared.ts";
import { startWorker } from "../../../src/app/worker.ts";
import { createSecrets } from "../../../src/kernel/secrets.ts";
import type { Attempt, Executor, Outcome } from "../../../src/ports/executor.ts";
import type { WorkerNote, WorkerSetup } from "./notes.ts";
import { scriptOf } from "./script.ts";

const { port, notesFile, version, ...settings } = JSON.parse(process.argv[2] ?? "") as WorkerSetup;
/** What attempts may take that are under way when the process is asked to end. */
const GRACE_MS = 10_000;
const FOR_EVER_MS = 3_600_000;
const notes = openSync(notesFile, "a");
/** To let go what is held. */
const told = once(process.stdin, "data");

function note(line: WorkerNote): void {
  writeSync(notes, `${JSON.stringify(line)}\n`);
  fsyncSync(notes);
}

async function execute(attempt: Attempt, signal: AbortSignal): Promise<Outcome> {
  const { runId, nodeId, idempotencyKey } = attempt;
  const of = { runId, nodeId, attempt: attempt.attempt, idempotencyKey, pid: process.pid, token: randomUUID() };
  note({ ...of, what: "begun", atMs: Date.now() });
  const outcome = await play(attempt, signal, { pid: process.pid, token: of.token, version });
  note({ ...of, what: "ended", how: outcome.outcome, atMs: Date.now() });
  return outcome;
}

async function play(
  { nodeId, attempt }: Attempt,
  signal: AbortSignal,
  output: { readonly [field: string]: string | number },
): Promise<Outcome> {
  const { ms, failures, isDoomed, isHeld } = scriptOf(nodeId);
  try {
    if (isHeld) await Promise.race([told, sleep(FOR_EVER_MS, undefined, { signal })]);
    else await sleep(ms, undefined, { signal });
  } catch {
    return { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };
  }
  if (isDoomed) return { outcome: "failed", error: { code: "CALL_INTERNAL", message: "doomed" } };
  if (attempt > failures) return { outcome: "succeeded", output };
  return { outcome: "failed", error: { code: "CALL_UNAVAILABLE", status: "UNAVAILABLE", message: "not yet" } };
}

const executor: Executor = { execute };
const worker = await startWorker(
  {
    ...{ host: "127.0.0.1", port, executors: { grpc: executor }, ...settings },
    onTrouble: (trouble) => process.stderr.write(`${String(trouble)}\n`),
  },
  createShared(createSecrets(() => undefined)),
);
process.once("SIGTERM", () => void worker.close(GRACE_MS).then(() => process.exit(0)));
process.stdin.on("end", () => process.exit(0)).resume();
process.stdout.write(`READY ${worker.port}\n`);
