import { randomUUID } from "node:crypto";
import { describeCaller } from "../../app/caller.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { RequestResult } from "../../ports/runtime.ts";
import type { Command } from "../command.ts";
import { isDrivenElsewhere } from "../driven-elsewhere.ts";
import { EXIT_OK, exitCodeOfCancel } from "../exit-codes.ts";
import { openRequesterOf } from "../open-runs.ts";
import { PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";

export const cancelCommand: Command = {
  name: "cancel",
  summary: "cancel a run, wherever it is being driven",
  description:
    "The process that drives the run cancels its calls and records the end; a run that nobody drives is ended here.\n" +
    "Returns when the run has ended.",
  positionals: [RUN_POSITIONAL],
  options: [
    { name: "no-wait", about: "return as soon as the request is recorded" },
    { name: "reason", value: "TEXT", about: "recorded with the request" },
    ...PLACE_OPTIONS,
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
    const reason = values.text("reason");
    const noWait = values.flag("no-wait");
    const requester = await openRequesterOf(invocation);
    const say = (text: string): void => io.err.write(`${text}\n`);
    const requestCancel = async (
      runId: string,
      until: "recorded" | "answered",
    ): Promise<RequestResult["kind"] | "ended"> => {
      const key = `cancel/${randomUUID()}`;
      const why = reason === undefined ? {} : { reason };
      const result = requester.request({ runId, kind: "cancel", key, by: describeCaller(), until, ...why });
      return kindOf(await result.catch(toRefusal));
    };
    try {
      const runId = await requester.resolve(values.positional(0) ?? "");
      for (;;) {
        const result = await requestCancel(runId, noWait ? "recorded" : "answered");
        if (
          result === "recorded" ||
          (noWait && result === "applied" && isDrivenElsewhere(await requester.get(runId)))
        ) {
          say(`run ${runId}: cancelling`);
          return EXIT_OK;
        }
        const end = await requester.wait(runId).catch(toUndefinedIfLeft);
        // The process that drove the run is gone and has not ended it: the next request finds no owner, and ends it here.
        if (end === undefined) continue;
        say(`run ${runId} ${end.type.replace("run.", "")}`);
        return exitCodeOfCancel(end.type);
      }
    } finally {
      await requester.close();
    }
  },
};

/** A run that has ended needs no cancel; how it ended says the exit code. */
function kindOf(answer: RequestResult): RequestResult["kind"] | "ended" {
  if (answer.kind !== "refused") return answer.kind;
  const { code, message } = answer.error;
  if (code === "RUN_ALREADY_ENDED") return "ended";
  // The run goes on: somebody resumed it after this request was made.
  throw new BusbarError(code, message);
}

/** That the run has ended is an answer here, not an error. */
function toRefusal(thrown: unknown): RequestResult {
  if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") {
    return { kind: "refused", error: thrown.toInfo() };
  }
  throw thrown;
}

/** A run that its owner has left has no end yet. */
function toUndefinedIfLeft(thrown: unknown): undefined {
  if (thrown instanceof BusbarError && thrown.code === "RUN_LEFT") return;
  throw thrown;
}
