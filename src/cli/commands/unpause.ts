import { askForPause } from "../ask-for-pause.ts";
import type { Command } from "../command.ts";
import { PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";

export const unpauseCommand: Command = {
  name: "unpause",
  summary: "let a paused run go on",
  description:
    "The process that drives the run starts what may start, retries whose time came meanwhile included. A run that\n" +
    "nobody drives goes on with `busbar resume`, which unpauses it too.",
  positionals: [RUN_POSITIONAL],
  options: [...PLACE_OPTIONS],
  examples: [{ command: "busbar unpause 20261123T154210-7f3k2q", says: "go on" }],
  exitCodes: "0 the run is paused no more · 2 wrong usage, no such run, or one that is not paused · 30-39 the journal",
  run: (invocation) => askForPause(invocation, "unpause"),
};
