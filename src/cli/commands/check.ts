import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSystemIds } from "../../adapters/system/ids.ts";
import { createDefinitions } from "../../app/definitions.ts";
import type { Finding } from "../../engine/finding.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { checkNodes } from "../../runtimes/local/preflight.ts";
import { bindWorkflow } from "../../spec/bind.ts";
import { shownName } from "../../spec/node.ts";
import type { Workflow } from "../../spec/workflow.ts";
import type { Command, Invocation } from "../command.ts";
import { closeExecutors, createExecutors } from "../executors.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfProblems } from "../exit-codes.ts";
import { JSON_OPTION, PARAM_OPTION, PREFLIGHT_OPTIONS } from "../options.ts";
import { renderFinding } from "../render/error.ts";
import { listenForSignals } from "../signals.ts";
import { inputOrExit } from "../workflow-input.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "check what a workflow file needs, without running it",
  description:
    "All findings at once. Services: address, TLS, health, contract, environment. Containers: engine, image, mounts.",
  positionals: [{ name: "FILE", about: "a workflow file: .json, .yaml or .yml" }],
  options: [PARAM_OPTION, JSON_OPTION, ...PREFLIGHT_OPTIONS],
  examples: [
    { command: "busbar check workflow.yaml", says: "are the services ready?" },
    { command: "busbar check workflow.yaml --wait-for-services 60", says: "in a start-up script" },
  ],
  exitCodes: "0 all services are ready · 2 wrong usage · 10-19 the file · 20-29 the first finding · 130 Ctrl-C",
  async run(invocation) {
    const { values, io } = invocation;
    const input = await inputOrExit(invocation, createDefinitions(), values.positional(0) ?? "");
    if (typeof input === "number") return input;
    const workflow = bind(input.workflow, input.params);
    const found = await findAll(invocation, workflow);
    if (found === undefined) return EXIT_CANCELLED;
    const errors = found.filter((finding) => finding.severity === "error");
    if (values.flag("json")) {
      await io.out.print(`${JSON.stringify({ ready: errors.length === 0, findings: found }, undefined, 2)}\n`);
    } else {
      await io.out.print(found.map((finding) => renderFinding(finding, io.out.style)).join(""));
      if (errors.length === 0) io.out.write(`ready: ${checkedNames(workflow).join(", ")}\n`);
    }
    return errors.length === 0 ? EXIT_OK : exitCodeOfProblems(errors);
  },
};

function bind(workflow: Workflow, params: Parameters<typeof bindWorkflow>[1]["params"]): Workflow {
  const startedAt = new Date(createSystemClock().now()).toISOString();
  const bound = bindWorkflow(workflow, { params, runId: "check", startedAt });
  if (bound.ok) return bound.value;
  const first = bound.error[0];
  throw new BusbarError(first?.code ?? "INTERNAL", bound.error.map(({ message }) => message).join("; "));
}

/** The services that nodes call, and the nodes that call none. */
function checkedNames({ nodes }: Workflow): readonly string[] {
  return [...new Set(nodes.map(shownName))];
}

/** @returns undefined if a signal ended the check */
async function findAll(
  { values, io, secrets }: Invocation,
  workflow: Workflow,
): Promise<readonly Finding[] | undefined> {
  const clock = createSystemClock();
  const executors = createExecutors({ clock, secrets, ids: createSystemIds() });
  const abort = new AbortController();
  const stopListening = listenForSignals({
    first: () => abort.abort(),
    second: () => process.exit(EXIT_CANCELLED),
    now: () => clock.monotonic(),
    underNpm: io.env("npm_lifecycle_event") !== undefined,
  });
  const options = {
    timeoutMs: values.milliseconds("preflight-timeout", 5),
    waitMs: values.milliseconds("wait-for-services", 0),
  };
  try {
    return await checkNodes(executors, workflow, workflow.nodes, options, abort.signal);
  } catch (thrown) {
    if (abort.signal.aborted) return undefined;
    throw thrown;
  } finally {
    stopListening();
    await closeExecutors(executors);
  }
}
