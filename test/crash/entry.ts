// The test entry: `busbar run` and `busbar resume` without their command line, with the same journal, executor
// and runtime, and with ports that can be wrapped to die at a named point. The shipped command has no such hook.
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGrpcExecutor } from "../../src/adapters/executor-grpc/executor.ts";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { createSystemRandom } from "../../src/adapters/system/random.ts";
import { readWorkflowFile } from "../../src/adapters/workflow-file/read-file.ts";
import { BusbarError } from "../../src/kernel/errors.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { createLocalRuntime } from "../../src/runtimes/local/runtime.ts";
import { readDefinition } from "../../src/testing/read-definition.ts";
import { takeAim } from "./aim.ts";
import { hireAssassin } from "./assassin.ts";
import type { Aim } from "./points.ts";

export interface EntryInput {
  readonly verb: "run" | "resume" | "rerun";
  /** The run to make another of, and the node to begin with, for `rerun`. */
  readonly source?: { readonly runId: string; readonly from: string };
  readonly runId: string;
  /** The workflow file, for `run`. */
  readonly file: string;
  readonly stateDir: string;
  readonly preflight: boolean;
  readonly aim?: Aim;
  readonly synchronous?: "FULL" | "OFF";
  /** Before it takes a run over it says READY and waits for a line on stdin: everything is decided, nothing is written. */
  readonly waitsBeforeTakeover?: boolean;
}

const input = JSON.parse(process.argv[2] ?? "") as EntryInput;
process.exitCode = await main();

async function main(): Promise<number> {
  const clock = createSystemClock();
  const ids = createSystemIds();
  const secrets = createSecrets((name) => process.env[name]);
  const { stateDir, synchronous = "FULL" } = input;
  const opened = await openSqliteJournal({ stateDir, clock, ids, pid: process.pid, host: hostname(), synchronous });
  const grpc = createGrpcExecutor({ clock, ids, secrets });
  const assassin = await hireAssassin(join(stateDir, "journal.db-shm"));
  const { journal, executor } =
    input.aim === undefined
      ? { journal: opened, executor: grpc }
      : takeAim({ journal: opened, executor: grpc }, input.aim, assassin);
  const runtime = createLocalRuntime({
    journal: input.waitsBeforeTakeover === true ? hesitant(journal) : journal,
    executors: { grpc: executor },
    clock,
    random: createSystemRandom(),
    ids,
    secrets,
    busbarVersion: "0.0.0-test",
    readDefinition,
    onStall: "reject",
    observers: [(events) => void process.stdout.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""))],
  });
  try {
    const { runId } = await begin(runtime);
    const end = await runtime.wait(runId);
    return end.type === "run.succeeded" ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof BusbarError)) throw thrown;
    process.stderr.write(`${thrown.code}: ${thrown.message}\n`);
    return thrown.exitCode;
  } finally {
    await runtime.close();
    await executor.close?.();
    await journal.close();
    process.stdin.destroy();
  }
}

async function begin(runtime: ReturnType<typeof createLocalRuntime>) {
  const { runId, file } = input;
  const preflight = input.preflight ? { preflight: { timeoutMs: 5000, waitMs: 0 } } : {};
  if (input.verb === "resume") return runtime.resume(runId, { by: "test", ...preflight });
  if (input.verb === "rerun" && input.source !== undefined) {
    return runtime.rerun(input.source.runId, { runId, from: [input.source.from], ...preflight });
  }
  const { parsed } = await readWorkflowFile(file);
  if (!parsed.ok) throw new Error(parsed.error.map((diagnostic) => diagnostic.message).join("; "));
  return runtime.start({ definition: parsed.value.definition, runId, ...preflight });
}

function hesitant(journal: Journal): Journal {
  return {
    ...journal,
    async takeOver(append) {
      process.stdout.write("READY\n");
      await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
      return journal.takeOver(append);
    },
  };
}
