import { hasRuns } from "../../app/reader.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { joinClauses } from "../../kernel/sentences.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { RunView } from "../../ports/runtime.ts";
import type { ParamValues } from "../../workflow/model/param.ts";
import { readParamsOver } from "../../workflow/params.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import { warnOfChangedFile } from "../changed-file.ts";
import type { Command } from "../command.ts";
import { driveRun } from "../drive.ts";
import { exitCodeOfProblems } from "../exit-codes.ts";
import { DRIVE_OPTIONS, isToBeDetached, PARAM_OPTION, RUN_POSITIONAL } from "../options.ts";
import { placeOf } from "../place.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { PRIORITY_OPTION, readPriority } from "../priority.ts";
import { renderDiagnostics } from "../render/diagnostics.ts";
import { quoteArgument } from "../render/quote.ts";
import { type State, stateOf } from "../state.ts";
import { printWarnings, readInput, splitParam } from "../workflow-input.ts";

export const rerunCommand: Command = {
  name: "rerun",
  summary: "make a new run of another, and keep what need not be done again",
  description:
    "Nodes that succeeded are kept with their outputs and not called; those that did not succeed, those named with\n" +
    "--from, and all that depends on either run again, in a run of its own. Refused where a kept node would not be asked\n" +
    "the same: params or a file that change it. Goes on and exits like `busbar run`. The run that is repeated has ended, or\n" +
    "is interrupted. With --server, a --file that does not end as a file does is the name of a workflow that the server\n" +
    "has; a file needs the role admin there.",
  positionals: [RUN_POSITIONAL],
  options: [
    {
      name: "from",
      value: "NODE",
      multiple: true,
      about: "run this node again, and all that depends on it; repeat for more",
    },
    { ...PARAM_OPTION, about: "a parameter that is to differ; repeat for more" },
    { name: "file", value: "FILE", about: "with this workflow file (- for stdin) instead of the recorded one" },
    { name: "run-id", value: "ID", about: "name the new run yourself; one that exists is refused" },
    PRIORITY_OPTION,
    ...DRIVE_OPTIONS,
  ],
  examples: [
    { command: "busbar rerun 20261123T154210-7f3k2q", says: "what did not succeed, in a new run" },
    { command: "busbar rerun 20261123T154210-7f3k2q --from report --param title=Draft", says: "only the report" },
  ],
  async run(invocation) {
    const { values, io } = invocation;
    const file = values.text("file");
    if (isToBeDetached(invocation)) {
      const { startDetached } = await import("../detach/start-detached.ts");
      return startDetached(invocation, file);
    }
    const name = values.positional(0) ?? "";
    const given = values.list("param").map(splitParam);
    const priority = readPriority(invocation);
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const state = stateOf(invocation, policy);
    const from = values.list("from");
    const runId = values.text("run-id");
    const place = placeOf(invocation);
    if (place.is === "server" && file !== undefined) {
      const { isStoredName, rerunStored } = await import("../run-stored.ts");
      const options = { name: file, from, ...(runId === undefined ? {} : { runId }), ...priority };
      if (isStoredName(file)) return rerunStored(invocation, place.url, state, options);
    }
    const input = file === undefined ? undefined : await readInput(state.shared.definitions, file, undefined);
    if (input?.ok === false) {
      io.err.write(renderDiagnostics(input.diagnostics, io.err.style));
      return exitCodeOfProblems(input.diagnostics);
    }
    if (input !== undefined && values.text("log-format") !== "json") printWarnings(invocation, input.warnings);
    if (place.is === "directory" && !hasRuns(state.stateDir)) refuseUnknown(name, state.stateDir);
    return driveRun(invocation, state, async (runtime, preflight) => {
      const source = await runtime.resolve(name);
      const view = await runtime.get(source);
      const workflow = input?.workflow ?? (await recordedWorkflow(view, state));
      const { runId: made } = await runtime.rerun(source, {
        from,
        params: paramsOf(workflow, given, view),
        ...(input === undefined ? {} : { definition: input.workflow.definition }),
        ...(runId === undefined ? {} : { runId }),
        ...priority,
        ...preflight,
      });
      // Not --run-id: that run has been made.
      const again = ["from", "param"].flatMap((name) =>
        values.list(name).map((one) => ` --${name} ${quoteArgument(one)}`),
      );
      if (input === undefined) warnOfChangedFile(invocation, view, `rerun ${source}${again.join("")}`);
      return { runId: made, nodes: workflow.nodes };
    });
  },
};

function recordedWorkflow(view: RunView, { shared }: State): Promise<Workflow> {
  const { definition_text: text, definition_format: format, file } = view;
  return shared.definitions.read({ format, text, ...(file === undefined ? {} : { file }) });
}

/** @throws BusbarError PARAM_… */
function paramsOf(workflow: Workflow, given: readonly (readonly [string, string])[], { params }: RunView): ParamValues {
  const read = readParamsOver(workflow, given, params);
  if (read.ok) return read.value;
  const [first] = read.error;
  throw new BusbarError(first?.code ?? "PARAM_INVALID", joinClauses(read.error.map(({ message }) => message)));
}
