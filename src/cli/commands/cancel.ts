import { randomUUID } from "node:crypto";
import { createDefinitions } from "../../app/definitions.ts";
import { isTerminalEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { RequestResult, Runtime, TerminalEvent } from "../../ports/runtime.ts";
import { describeCaller } from "../caller.ts";
import type { Command } from "../command.ts";
import { EXIT_OK, exitCodeOfCancel } from "../exit-codes.ts";
import { requireRun } from "../open-reading.ts";
import { openRuntime } from "../open-runtime.ts";
import { STATE_OPTIONS } from "../options.ts";

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
    const { runtime, close } = await openRuntime(invocation, createDefinitions());
    const say = (text: string): void => io.err.write(`${text}\n`);
    const ask = (until: "recorded" | "answered"): Promise<RequestResult | undefined> =>
      runtime
        .request({
          runId,
          kind: "cancel",
          key: `cancel/${randomUUID()}`,
          by: describeCaller(),
          until,
          ...(reason === undefined ? {} : { reason }),
        })
        .catch(ignoreEnded);
    try {
      if (values.flag("no-wait")) {
        const asked = await ask("recorded");
        if (asked?.kind === "recorded") {
          say(`run ${runId}: the cancel is recorded`);
          return EXIT_OK;
        }
        refuseRefused(asked);
        const { status } = await runtime.get(runId);
        say(`run ${runId}: ${isTerminalRun(status) ? status : "cancelling"}`);
        return isTerminalRun(status) ? exitCodeOfCancel(`run.${status}`) : EXIT_OK;
      }
      for (;;) {
        refuseRefused(await ask("answered"));
        const end = await waitForEnd(runtime, runId, lastSeq - 1);
        // Its process was gone before it had ended the run: the next request finds it without an owner.
        if (end === undefined) continue;
        say(`run ${runId} ${end.replace("run.", "")}`);
        return exitCodeOfCancel(end);
      }
    } finally {
      await close();
    }
  },
};

/**
 * @param afterSeq so late that no end before an earlier resume is seen
 * @returns undefined if the run's process is gone and has not ended it
 */
async function waitForEnd(
  runtime: Pick<Runtime, "watch">,
  runId: string,
  afterSeq: number,
): Promise<TerminalEvent["type"] | undefined> {
  let end: TerminalEvent["type"] | undefined;
  // The last event counts: a run that had ended may have been resumed.
  for await (const event of runtime.watch(runId, { afterSeq })) end = isTerminalEvent(event) ? event.type : undefined;
  return end;
}

/** The run goes on: somebody resumed it after this was asked. A run that has ended needs no cancel; how it ended says the exit code. */
function refuseRefused(answer: RequestResult | undefined): void {
  if (answer?.kind !== "refused" || answer.error.code === "RUN_ALREADY_ENDED") return;
  throw new BusbarError(answer.error.code, answer.error.message);
}

function ignoreEnded(thrown: unknown): undefined {
  if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") return;
  throw thrown;
}
