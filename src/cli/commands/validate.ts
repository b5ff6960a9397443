import { createDefinitions } from "../../app/definitions.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { Command } from "../command.ts";
import { EXIT_OK, exitCodeOfProblems } from "../exit-codes.ts";
import { FILE_POSITIONAL, JSON_OPTION, PARAM_OPTION, POLICY_OPTION } from "../options.ts";
import { isNoPolicy, readPolicyOption } from "../policy.ts";
import { renderDiagnostics, renderWarnings } from "../render/diagnostics.ts";
import { STDIN, STDIN_NAME } from "../stdin.ts";
import { readInput } from "../workflow-input.ts";

export const validateCommand: Command = {
  name: "validate",
  summary: "check a workflow file, without calling anything",
  description:
    "All problems at once, each with its place, what to do, and what was probably meant. Warnings (`severity` in JSON)\n" +
    "leave a file valid.",
  positionals: [FILE_POSITIONAL],
  options: [
    { ...PARAM_OPTION, about: "check these parameters too; without any, parameters are not checked" },
    JSON_OPTION,
    POLICY_OPTION,
  ],
  examples: [
    {
      command: "busbar validate workflow.yaml",
      says: "prints `FILE:LINE:COLUMN error CODE: …` lines, or that it is valid",
    },
    { command: "busbar validate workflow.json --json", says: '{"file": …, "valid": …, "diagnostics": […]}' },
  ],
  exitCodes: "0 valid · 2 wrong usage · 10-19 not valid: the number of the first problem",
  async run(invocation) {
    const { values, io } = invocation;
    const policy = await readPolicyOption(invocation);
    if (isNoPolicy(policy)) return policy.exitCode;
    const given = values.list("param");
    const path = values.positional(0) ?? "";
    const file = path === STDIN ? STDIN_NAME : path;
    const input = await readInput(createDefinitions(), path, given.length === 0 ? undefined : given, policy);
    const diagnostics = input.ok ? input.warnings : input.diagnostics;
    if (values.flag("json")) {
      await io.out.printData(`${JSON.stringify({ file, valid: input.ok, diagnostics }, undefined, 2)}\n`);
    } else if (input.ok) {
      const { name, nodes, services } = input.workflow;
      io.out.write(renderWarnings(input.warnings, io.out.style));
      io.out.write(
        `${escapeControls(file)} is valid: ${name}, ${count(nodes.length, "node")}, ${count(services.size, "service")}\n`,
      );
    } else {
      await io.out.print(renderDiagnostics(diagnostics, io.out.style));
    }
    return input.ok ? EXIT_OK : exitCodeOfProblems(diagnostics);
  },
};

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
