/** For the list of commands; equal to what each command says of itself, which a test checks. */
export const SUMMARIES: readonly { readonly name: string; readonly summary: string }[] = [
  { name: "run", summary: "run a workflow file" },
  { name: "validate", summary: "check a workflow file, without calling anything" },
  { name: "check", summary: "check what a workflow file needs, without running it" },
  { name: "graph", summary: "draw the graph of a workflow file" },
  { name: "runs", summary: "list runs" },
  { name: "show", summary: "show one run: nodes, attempts, errors, what to do next" },
  { name: "events", summary: "print everything that was recorded of a run" },
  { name: "logs", summary: "print what the containers of a run have written" },
  { name: "resume", summary: "continue a failed, cancelled or interrupted run" },
  { name: "cancel", summary: "cancel a run, wherever it is being driven" },
  { name: "dummy-server", summary: "serve a service that always succeeds, to try workflows with" },
  { name: "doctor", summary: "examine Node.js, the state directory and every recorded run" },
  { name: "schema", summary: "print the JSON Schema of the workflow file" },
  { name: "init", summary: "write a commented starter workflow" },
];
