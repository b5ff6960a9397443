// Made by `npm run generate` from the groups of commands (groups/): change a command there.

/** Every command, in the order of `busbar --help`: what must be known of it before its group is loaded. */
export const COMMAND_TABLE = [
  { name: "init", group: "files", summary: "write a commented starter workflow" },
  { name: "validate", group: "files", summary: "check a workflow file, without calling anything" },
  { name: "graph", group: "files", summary: "draw the graph of a workflow file" },
  { name: "schema", group: "files", summary: "print the JSON Schema of the workflow file, or of a host's policy" },
  { name: "proto", group: "files", summary: "print the gRPC contract of a pipeline service" },
  { name: "run", group: "drive", summary: "run a workflow file" },
  { name: "resume", group: "drive", summary: "continue a failed, cancelled or interrupted run" },
  { name: "rerun", group: "drive", summary: "make a new run of another, and keep what need not be done again" },
  { name: "check", group: "control", summary: "check what a workflow file needs, without running it" },
  { name: "pause", group: "control", summary: "let a run start nothing more until it is unpaused" },
  { name: "unpause", group: "control", summary: "let a paused run go on" },
  { name: "cancel", group: "control", summary: "cancel a run, wherever it is being driven" },
  { name: "prune", group: "control", summary: "delete runs that have ended, with their logs" },
  { name: "token", group: "control", summary: "make, list and revoke the tokens of a server" },
  { name: "runs", group: "look", summary: "list runs" },
  { name: "show", group: "look", summary: "show one run: nodes, attempts, errors, what to do next" },
  { name: "explain", group: "look", summary: "say why a run stands where it stands" },
  { name: "watch", group: "look", summary: "show how a run goes, wherever it is being driven, and exit as it does" },
  { name: "events", group: "look", summary: "print everything that was recorded of a run, or of all" },
  { name: "logs", group: "look", summary: "print what the containers of a run have written" },
  { name: "doctor", group: "look", summary: "examine Node.js, the state directory and every recorded run, or a cluster" },
  { name: "serve", group: "server", summary: "serve runs over HTTP: start, watch and control them" },
  { name: "worker", group: "worker", summary: "serve a cluster on Restate: drive its runs and call its services; or register such workers" },
  { name: "dummy-server", group: "serve", summary: "serve a service that always succeeds, to try workflows with" },
] as const;

/** A file of groups/. */
export type CommandGroup = (typeof COMMAND_TABLE)[number]["group"];
