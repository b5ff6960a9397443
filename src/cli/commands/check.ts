import { checkOnce } from "../../app/check.ts";
import { createShared } from "../../app/shared.ts";
import type { Finding } from "../../engine/finding.ts";
import { shownName } from "../../workflow/node.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfProblems } from "../exit-codes.ts";
import {
  FILE_POSITIONAL,
  JSON_OPTION,
  PARAM_OPTION,
  POLICY_OPTION,
  PREFLIGHT_OPTIONS,
  preflightOf,
} from "../options.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { renderFinding } from "../render/error.ts";
import { printWarnings, readInputOrReport } from "../workflow-input.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "check what a workflow file needs, without running it",
  description:
    "All findings at once. Services: address, TLS, health, contract, environment. Containers: engine, image, mounts.",
  positionals: [FILE_POSITIONAL],
  options: [PARAM_OPTION, JSON_OPTION, ...PREFLIGHT_OPTIONS, POLICY_OPTION],
  examples: [
    { command: "busbar check workflow.yaml", says: "are the services ready?" },
    { command: "busbar check workflow.yaml --wait-for-services 60", says: "in a start-up script" },
  ],
  exitCodes: "0 all services are ready · 2 wrong usage · 10-19 the file · 20-29 the first finding · 130 Ctrl-C",
  async run(invocation) {
    const { values, io, secrets } = invocation;
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const shared = createShared(secrets, policy);
    const input = await readInputOrReport(invocation, shared.definitions, values.positional(0) ?? "", policy);
    if (typeof input === "number") return input;
    const { definition, nodes } = input.workflow;
    const { params, warnings } = input;
    printWarnings(invocation, warnings);
    const found = await untilSignal(invocation, (signal) =>
      checkOnce(
        shared,
        { definition, params },
        { ...preflightOf(values, (text) => io.err.write(`${text}\n`)), signal },
      ),
    );
    if (found === undefined) return EXIT_CANCELLED;
    const errors = found.filter((finding) => finding.severity === "error");
    if (values.flag("json")) {
      await io.out.printData(`${JSON.stringify({ ready: errors.length === 0, findings: found }, undefined, 2)}\n`);
    } else {
      await io.out.print(found.map((finding) => renderFinding(finding, io.out.style)).join(""));
      // The services that nodes call, and the nodes that call none.
      const names = new Set(nodes.map(shownName));
      if (errors.length === 0) io.out.write(`ready: ${[...names].join(", ")}\n`);
    }
    return errors.length === 0 ? EXIT_OK : exitCodeOfProblems(errors);
  },
};

/** @returns undefined if a signal ended the work */
async function untilSignal(
  { io }: Invocation,
  work: (signal: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[] | undefined> {
  const { signal, stopListening } = abortOnSignal(io);
  try {
    return await work(signal);
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  } finally {
    stopListening();
  }
}
