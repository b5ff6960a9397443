import { isTerminalEvent, type RunEvent } from "../../engine/events.ts";
import type { RunReader, TerminalEvent } from "../../ports/runtime.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Command } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfEnd } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, PLACE_OPTIONS, RUN_POSITIONAL, SCREEN_OPTIONS } from "../options.ts";
import { givenPlaceOf } from "../place.ts";
import { createScreen } from "../progress/screen.ts";
import { describeOwner } from "../render/describe-owner.ts";
import { stateOf } from "../state.ts";

export const watchCommand: Command = {
  name: "watch",
  summary: "show how a run goes, wherever it is being driven, and exit as it does",
  description:
    "Shows on stderr what `busbar run` shows, from the run's beginning, and ends when the run has ended. It only reads:\n" +
    "Ctrl-C ends the watching, not the run.",
  positionals: [RUN_POSITIONAL],
  options: [
    { ...JSON_OPTION, about: "one event a line on stdout as JSON, and nothing else there" },
    ...SCREEN_OPTIONS,
    ...PLACE_OPTIONS,
  ],
  examples: [
    { command: "busbar run workflow.yaml --detach", says: "prints the run's id" },
    { command: "busbar watch 20261123T154210-7f3k2q", says: "how it goes" },
  ],
  exitCodes:
    "0 the run succeeded · 1 it failed after a node was called · 2 wrong usage, or no such run · 20-29 a service stopped it before · 30-39 the journal · 130 it was cancelled or is interrupted, or Ctrl-C",
  async run(invocation) {
    const { values, io } = invocation;
    const { clock } = stateOf(invocation).shared;
    const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
    const reader = await openReaderOf(invocation);
    const screen = createScreen(invocation, clock);
    const { signal, stopListening } = abortOnSignal(io);
    try {
      const runId = await reader.resolve(values.positional(0) ?? "");
      const { nodes } = await reader.get(runId);
      await screen.begin(nodes.map(({ id }) => ({ id })));
      let end: TerminalEvent | undefined;
      for await (const event of reader.watch(runId, { signal: AbortSignal.any([signal, io.out.broken]) })) {
        screen.onEvents([event], clock.monotonic() - ageMs(event, clock.now()));
        // One that had ended may have been resumed.
        end = isTerminalEvent(event) ? event : undefined;
        await io.out.print("");
      }
      if (end !== undefined) {
        screen.end(end);
        return exitCodeOfEnd(end);
      }
      screen.stop();
      if (io.out.broken.aborted) return EXIT_OK;
      const [left, next] = signal.aborted
        ? ["goes on", `${formatCommand(`watch ${runId}`)}, or ${formatCommand(`cancel ${runId}`)}`]
        : [`is interrupted: ${await ownerOf(reader, runId)} is gone`, formatCommand(`resume ${runId}`)];
      screen.warn(`run ${runId} ${left}${values.flag("no-next") ? "" : `. Next: ${next}`}`);
      return EXIT_CANCELLED;
    } finally {
      screen.stop();
      stopListening();
      await reader.close();
    }
  },
};

/** How long ago an event happened. A clock that was set back since makes it no event of the future. */
function ageMs(event: RunEvent, nowMs: number): number {
  return Math.max(0, nowMs - Date.parse(event.at));
}

async function ownerOf(reader: Pick<RunReader, "get">, runId: string): Promise<string> {
  const { owner } = await reader.get(runId);
  return `its ${describeOwner(owner)}`;
}
