import { expectCalls } from "../../app/executors.ts";
import type { Command } from "../command.ts";
import { driveRun } from "../drive.ts";
import { DRIVE_OPTIONS, FILE_POSITIONAL, isToBeDetached, PARAM_OPTION } from "../options.ts";
import { placeOf } from "../place.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { PRIORITY_OPTION, readPriority } from "../priority.ts";
import { stateOf } from "../state.ts";
import { printWarnings, readInputOrReport, warnOfConcurrency } from "../workflow-input.ts";

export const runCommand: Command = {
  name: "run",
  summary: "run a workflow file",
  description:
    "Validates the file, checks the services, runs, and shows how it goes on stderr: a table on a terminal, one line\n" +
    "an event on a pipe, in CI, or where a terminal is narrower than 40 columns. The first Ctrl-C cancels the run and\n" +
    "waits for its calls; a second one ends at once. A terminal that closes is as good as a Ctrl-C; with --detach, or\n" +
    "where no stream is a terminal (`nohup`), the run goes on.\n" +
    "With --server, what does not end as a file does is the name of a workflow that the server has; a file needs the\n" +
    "role admin there.",
  positionals: [FILE_POSITIONAL],
  options: [
    PARAM_OPTION,
    { name: "run-id", value: "ID", about: "name the run yourself; one that exists is refused" },
    PRIORITY_OPTION,
    ...DRIVE_OPTIONS,
  ],
  examples: [
    { command: "busbar run workflow.yaml --param data_dir=/srv/data", says: "run it with a parameter" },
    {
      command: "busbar run workflow.yaml --wait-for-services 60",
      says: "services that are still starting get a minute",
    },
    { command: "busbar run workflow.yaml --detach", says: "in the background; then `busbar watch RUN`" },
    {
      command: "busbar run nightly --server http://127.0.0.1:8080",
      says: "a workflow that the server has, by its name",
    },
    {
      command: "busbar run workflow.yaml --runtime restate",
      says: "by the workers of the cluster that BUSBAR_INGRESS and BUSBAR_ADMIN name",
    },
    { command: "make-workflow | busbar run -", says: "run what another program writes" },
    { command: "busbar run workflow.yaml --json > events.jsonl", says: "the last line is how it ended" },
  ],
  async run(invocation) {
    if (isToBeDetached(invocation)) {
      const { startDetached } = await import("../detach/start-detached.ts");
      return startDetached(invocation, invocation.values.positional(0));
    }
    const { values } = invocation;
    const priority = readPriority(invocation);
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const state = stateOf(invocation, policy);
    const place = placeOf(invocation);
    const what = values.positional(0) ?? "";
    if (place.is === "server") {
      const { isStoredName, runStored } = await import("../run-stored.ts");
      if (isStoredName(what)) return runStored(invocation, place.url, state, what);
    }
    const input = await readInputOrReport(invocation, state.shared.definitions, what, policy);
    if (typeof input === "number") return input;
    const { workflow, params, warnings } = input;
    if (place.is === "directory") expectCalls(workflow);
    // With JSON log lines stderr holds nothing else.
    if (values.text("log-format") !== "json") {
      printWarnings(invocation, warnings);
      if (place.is !== "server") warnOfConcurrency(invocation, workflow);
    }
    const runId = values.text("run-id");
    return driveRun(invocation, state, async (runtime, preflight) => {
      const { definition, nodes } = workflow;
      const id = runId === undefined ? {} : { runId };
      return { ...(await runtime.start({ definition, params, ...id, ...priority, ...preflight })), nodes };
    });
  },
};
