import { randomUUID } from "node:crypto";
import { isTerminalEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Runtime, TerminalEvent } from "../../ports/runtime.ts";
import { describeCaller } from "../caller.ts";
import type { Command } from "../command.ts";
import { EXIT_OK, exitCodeOfCancel } from "../exit-codes.ts";
import { requireRun } from "../open-reading.ts";
import { type OpenedRuntime, openRuntime } from "../open-runtime.ts";
import { STATE_OPTIONS } from "../options.ts";

/** The owner answers within 200 ms; one that is stopped (Ctrl-Z) answers when it goes on. */
const NO_WAIT_MS = 1000;

export const cancelCommand: Command = {
  name: "cancel",
  summary: "cancel a run, wherever it is being driven",
  description:
    "The process that drives the run cancels its calls and records the end; a run that nobody drives is ended here.\n" +
    "Returns when the run has ended.",
  positionals: [{ name: "RUN", about: "the run's id" }],
  options: [
    { name: "no-wait", about: "return as soon as the request is recorded" },
    { name: "reason", value: "TEXT", about: "recorded with the request" },
    ...STATE_OPTIONS,
  ],
  examples: [
    {
      command: "busbar cancel 20261123T154210-7f3k2q --reason 'wrong input'",
      says: "then `busbar resume` can go on with it",
    },
  ],
  exitCodes:
    "0 the run ended cancelled (with --no-wait: the request is recorded) · 1 it ended otherwise first · 2 wrong usage, or no such run · 30-39 the journal",
  async run(invocation) {
    const { values, io } = invocation;
    const runId = values.positional(0) ?? "";
    const reason = values.text("reason");
    const { lastSeq } = await requireRun(invocation, runId);
    const opened = await openRuntime(invocation);
    const asked = opened.runtime.request({
      runId,
      kind: "cancel",
      key: `cancel/${randomUUID()}`,
      by: describeCaller(),
      ...(reason === undefined ? {} : { reason }),
    });
    try {
      if (values.flag("no-wait")) return await sendOff(asked, opened, (text) => io.err.write(`${text}\n`), runId);
      await asked.catch(ignoreEnded);
      const end = await waitForEnd(opened.runtime, runId, lastSeq - 1);
      io.err.write(`run ${runId} ${end.replace("run.", "")}\n`);
      return exitCodeOfCancel(end);
    } finally {
      await opened.close();
    }
  },
};

/** Does not wait for the end, nor for an owner that does not answer. */
async function sendOff(
  asked: Promise<unknown>,
  { clock, runtime }: OpenedRuntime,
  say: (text: string) => void,
  runId: string,
): Promise<number> {
  let cancelTimer = (): void => {};
  const late = new Promise<"late">((resolve) => {
    cancelTimer = clock.after(NO_WAIT_MS, () => resolve("late"));
  });
  const outcome = await Promise.race([asked.catch(ignoreEnded), late]);
  cancelTimer();
  if (outcome === "late") {
    asked.catch(() => {});
    say(`the request is recorded; the process that drives run ${runId} has not answered yet`);
    return EXIT_OK;
  }
  const { status } = await runtime.get(runId);
  say(`run ${runId}: ${isTerminalRun(status) ? status : "cancelling"}`);
  return isTerminalRun(status) ? exitCodeOfCancel(`run.${status}`) : EXIT_OK;
}

/** @param afterSeq so late that no end before an earlier resume is seen */
async function waitForEnd(runtime: Runtime, runId: string, afterSeq: number): Promise<TerminalEvent["type"]> {
  for await (const event of runtime.watch(runId, { afterSeq })) {
    if (isTerminalEvent(event)) return event.type;
  }
  throw new BusbarError("RUN_OWNED", `the process that drove run ${runId} was gone before it ended the run; ask again`);
}

/** A run that has ended needs no cancel; how it ended says the exit code. */
function ignoreEnded(thrown: unknown): void {
  if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") return;
  throw thrown;
}
