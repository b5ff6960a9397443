import type { Command, Option } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { COMMON_OPTIONS } from "../options.ts";
import type { Style } from "./style.ts";

/** `busbar --help` */
export function renderOverview(
  commands: readonly { readonly name: string; readonly summary: string }[],
  style: Style,
): string {
  return [
    "Busbar runs pipelines of containerised gRPC services: one workflow file, every step recorded, crashes survived.",
    "",
    `${style.bold("Usage:")} busbar COMMAND [arguments]`,
    "",
    style.bold("Commands:"),
    ...twoColumns(commands.map(({ name, summary }) => [name, summary])),
    "",
    style.bold("Begin with:"),
    ...twoColumns([
      ["busbar init", "write a workflow.yaml to start from"],
      ["busbar dummy-server &", "a service that it can call"],
      ["busbar run workflow.yaml", "run it"],
    ]),
    "",
    "`busbar COMMAND --help` tells more of one command, `busbar --version` the version.",
    "",
    style.bold("Exit codes:"),
    ...twoColumns(EXIT_CODES),
    "",
  ].join("\n");
}

/** `busbar COMMAND --help` */
export function renderHelp(command: Command, style: Style): string {
  const positionals = command.positionals.map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  const usage = ["busbar", command.name, ...positionals, "[options]"].join(" ");
  const sections = [
    `${style.bold("Usage:")} ${usage}`,
    sentence(command.summary) + (command.description === undefined ? "" : `\n${command.description}`),
  ];
  if (command.positionals.length > 0) {
    sections.push(
      section("Arguments:", twoColumns(command.positionals.map(({ name, about }) => [name, about])), style),
    );
  }
  const options = [...command.options, ...COMMON_OPTIONS];
  sections.push(section("Options:", twoColumns(options.map((option) => [flagOf(option), aboutOf(option)])), style));
  const examples = command.examples.map(({ command: text, says }) => [text, says] as const);
  sections.push(section("Examples:", twoColumns(examples), style));
  const codes =
    command.exitCodes === undefined
      ? EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join(" · ")
      : `${command.exitCodes} · 74 stdout could not be written`;
  sections.push(
    section(
      "Exit codes:",
      wrap(codes, 100).map((line) => `  ${line}`),
      style,
    ),
  );
  return `${sections.join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[], style: Style): string {
  return [style.bold(title), ...lines].join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function flagOf({ name, value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function aboutOf({ about, choices }: Option): string {
  return choices === undefined ? about : `${about}; one of ${choices.join(", ")}`;
}

function twoColumns(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = rows.reduce((widest, [left]) => Math.max(widest, left.length), 0);
  return rows.flatMap(([left, right]) =>
    wrap(right, Math.max(40, 96 - width)).map((line, index) => `  ${(index === 0 ? left : "").padEnd(width)}  ${line}`),
  );
}

/** At spaces, to lines of at most `width` characters where words allow it. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
