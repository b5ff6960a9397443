import { askForPause } from "../ask-for-pause.ts";
import type { Command } from "../command.ts";
import { PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";

export const pauseCommand: Command = {
  name: "pause",
  summary: "let a run start nothing more until it is unpaused",
  description:
    "Outstanding attempts go on to their end and are recorded; no other attempt starts, retries included. Timeouts run\n" +
    "on, and the run can be cancelled. `busbar run` stays. A run that nobody drives is paused too: it then waits for\n" +
    "`busbar resume`, which unpauses it.",
  positionals: [RUN_POSITIONAL],
  options: [...PLACE_OPTIONS],
  examples: [{ command: "busbar pause 20261123T154210-7f3k2q", says: "then `busbar unpause` lets it go on" }],
  exitCodes: "0 the run is paused · 2 wrong usage, no such run, or it has ended · 30-39 the journal",
  run: (invocation) => askForPause(invocation, "pause"),
};
