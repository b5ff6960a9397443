import { createGrpcExecutor } from "../../adapters/executor-grpc/executor.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSystemIds } from "../../adapters/system/ids.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Finding } from "../../ports/finding.ts";
import { bindWorkflow } from "../../spec/bind.ts";
import type { Service, Workflow } from "../../spec/workflow.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfProblems } from "../exit-codes.ts";
import { JSON_OPTION, PARAM_OPTION, PREFLIGHT_OPTIONS } from "../options.ts";
import { renderFinding } from "../render/error.ts";
import { listenForSignals } from "../signals.ts";
import { inputOrExit } from "../workflow-input.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "check the services of a workflow file, without running it",
  description: "All findings of all services at once: address, TLS, health, contract, environment.",
  positionals: [{ name: "FILE", about: "a workflow file: .json, .yaml or .yml" }],
  options: [PARAM_OPTION, JSON_OPTION, ...PREFLIGHT_OPTIONS],
  examples: [
    { command: "busbar check workflow.yaml", says: "are the services ready?" },
    { command: "busbar check workflow.yaml --wait-for-services 60", says: "in a start-up script" },
  ],
  exitCodes: "0 all services are ready · 2 wrong usage · 10-19 the file · 20-29 the first finding · 130 Ctrl-C",
  async run(invocation) {
    const { values, io } = invocation;
    const input = await inputOrExit(invocation, values.positional(0) ?? "");
    if (typeof input === "number") return input;
    const services = servicesOf(input.workflow, input.params);
    const found = await findAll(invocation, services);
    if (found === undefined) return EXIT_CANCELLED;
    const errors = found.filter((finding) => finding.severity === "error");
    if (values.flag("json")) {
      await io.out.print(`${JSON.stringify({ ready: errors.length === 0, findings: found }, undefined, 2)}\n`);
    } else {
      await io.out.print(found.map((finding) => renderFinding(finding, io.out.style)).join(""));
      if (errors.length === 0) io.out.write(`ready: ${services.map(({ name }) => name).join(", ")}\n`);
    }
    return errors.length === 0 ? EXIT_OK : exitCodeOfProblems(errors);
  },
};

/** The services that nodes call, with references filled in. */
function servicesOf(workflow: Workflow, params: Parameters<typeof bindWorkflow>[1]["params"]): readonly Service[] {
  const docker = workflow.nodes.find((node) => node.executor === "docker");
  if (docker !== undefined) {
    throw new BusbarError(
      "EXECUTOR_NOT_AVAILABLE",
      `${docker.id} is a docker node; running those is not in this version of Busbar`,
    );
  }
  const startedAt = new Date(createSystemClock().now()).toISOString();
  const bound = bindWorkflow(workflow, { params, runId: "check", startedAt });
  if (!bound.ok) {
    const first = bound.error[0];
    throw new BusbarError(first?.code ?? "INTERNAL", bound.error.map(({ message }) => message).join("; "));
  }
  // In the order of the nodes, as a run checks them: both then end with the same exit code.
  const called = new Set(bound.value.nodes.flatMap((node) => (node.executor === "grpc" ? [node.service] : [])));
  return [...called].flatMap((name) => bound.value.services.get(name) ?? []);
}

/** @returns undefined if a signal ended the check */
async function findAll(
  { values, io, secrets }: Invocation,
  services: readonly Service[],
): Promise<readonly Finding[] | undefined> {
  const clock = createSystemClock();
  const executor = createGrpcExecutor({ clock, secrets, ids: createSystemIds() });
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
    return (await executor.preflight?.({ services, nodes: [] }, options, abort.signal)) ?? [];
  } catch (thrown) {
    if (abort.signal.aborted) return undefined;
    throw thrown;
  } finally {
    stopListening();
    await executor.close?.();
  }
}
