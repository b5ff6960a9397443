import type { Command } from "./command.ts";

/** Each command is loaded only when it is called: what `run` needs must not cost `--help` anything. */
const LOADERS = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  validate: async () => (await import("./commands/validate.ts")).validateCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  graph: async () => (await import("./commands/graph.ts")).graphCommand,
  runs: async () => (await import("./commands/runs.ts")).runsCommand,
  show: async () => (await import("./commands/show.ts")).showCommand,
  events: async () => (await import("./commands/events.ts")).eventsCommand,
  resume: async () => (await import("./commands/resume.ts")).resumeCommand,
  cancel: async () => (await import("./commands/cancel.ts")).cancelCommand,
  "dummy-server": async () => (await import("./commands/dummy-server.ts")).dummyServerCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  schema: async () => (await import("./commands/schema.ts")).schemaCommand,
  init: async () => (await import("./commands/init.ts")).initCommand,
} as const satisfies { readonly [name: string]: () => Promise<Command> };

type CommandName = keyof typeof LOADERS;

/** For the list of commands; equal to what each command says of itself, which a test checks. */
export const SUMMARIES: readonly { readonly name: CommandName; readonly summary: string }[] = [
  { name: "run", summary: "run a workflow file" },
  { name: "validate", summary: "check a workflow file, without calling anything" },
  { name: "check", summary: "check the services of a workflow file, without running it" },
  { name: "graph", summary: "draw the graph of a workflow file" },
  { name: "runs", summary: "list runs" },
  { name: "show", summary: "show one run: nodes, attempts, errors, what to do next" },
  { name: "events", summary: "print everything that was recorded of a run" },
  { name: "resume", summary: "continue a failed, cancelled or interrupted run" },
  { name: "cancel", summary: "cancel a run, wherever it is being driven" },
  { name: "dummy-server", summary: "serve a service that always succeeds, to try workflows with" },
  { name: "doctor", summary: "examine Node.js, the state directory and every recorded run" },
  { name: "schema", summary: "print the JSON Schema of the workflow file" },
  { name: "init", summary: "write a commented starter workflow" },
];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(LOADERS, name);
}

export function loadCommand(name: CommandName): Promise<Command> {
  return LOADERS[name]();
}
