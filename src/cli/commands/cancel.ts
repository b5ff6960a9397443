import { randomUUID } from "node:crypto";
import { isTerminalEvent } from "../../engine/events.ts";
import type { RequestAnswer } from "../../engine/requests.ts";
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
    const say = (text: string): void => io.err.write(`${text}\n`);
    const ask = (onRecorded?: () => void): Promise<void> =>
      opened.runtime
        .request({
          runId,
          kind: "cancel",
          key: `cancel/${randomUUID()}`,
          by: describeCaller(),
          ...(reason === undefined ? {} : { reason }),
          ...(onRecorded === undefined ? {} : { onRecorded }),
        })
        .then(throwRefusal)
        .catch(ignoreEnded);
    try {
      if (values.flag("no-wait")) return await sendOff(ask, opened, say, runId);
      for (;;) {
        await ask();
        const end = await waitForEnd(opened.runtime, runId, lastSeq - 1);
        // Its process was gone before it had ended the run: the next request finds it without an owner.
        if (end === undefined) continue;
        say(`run ${runId} ${end.replace("run.", "")}`);
        return exitCodeOfCancel(end);
      }
    } finally {
      await opened.close();
    }
  },
};

/** Waits until the request is recorded, but neither for the end nor for an owner that does not answer. */
async function sendOff(
  ask: (onRecorded: () => void) => Promise<void>,
  { clock, runtime }: OpenedRuntime,
  say: (text: string) => void,
  runId: string,
): Promise<number> {
  const recorded = Promise.withResolvers<void>();
  const asked = ask(recorded.resolve);
  await Promise.race([asked, recorded.promise]);
  let cancelTimer = (): void => {};
  const late = new Promise<"late">((resolve) => {
    cancelTimer = clock.after(NO_WAIT_MS, () => resolve("late"));
  });
  const outcome = await Promise.race([asked, late]);
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

/**
 * @param afterSeq so late that no end before an earlier resume is seen
 * @returns undefined if the run's process is gone and has not ended it
 */
async function waitForEnd(
  runtime: Runtime,
  runId: string,
  afterSeq: number,
): Promise<TerminalEvent["type"] | undefined> {
  let end: TerminalEvent["type"] | undefined;
  // The last event counts: a run that had ended may have been resumed.
  for await (const event of runtime.watch(runId, { afterSeq })) end = isTerminalEvent(event) ? event.type : undefined;
  return end;
}

/** The run goes on: somebody resumed it after this was asked. */
function throwRefusal(answer: RequestAnswer): void {
  if (answer.kind === "refused") throw new BusbarError(answer.error.code, answer.error.message);
}

/** A run that has ended needs no cancel; how it ended says the exit code. */
function ignoreEnded(thrown: unknown): void {
  if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") return;
  throw thrown;
}
