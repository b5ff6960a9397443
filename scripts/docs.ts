// Writes docs/reference/errors.md, docs/reference/cli.md and a table of docs/reference/policy.md from what the program says of itself.
// test/docs-reference.test.ts fails where they differ.
import { readFileSync, writeFileSync } from "node:fs";
import { EXIT_CODES } from "../src/cli/exit-codes.ts";
import { renderHelp, renderOverview } from "../src/cli/render/help.ts";
import { createStyle } from "../src/cli/render/style.ts";
import { ERRORS, type ErrorEntry } from "../src/kernel/error-table.ts";
import type { Json, JsonObject } from "../src/kernel/json.ts";
import { policySchema } from "../src/workflow/policy/schema.ts";
import { COMMANDS } from "./command-groups.ts";

const GENERATED = "<!-- Written by scripts/docs.ts: change the source it names, then run npm run docs. -->";

const RETRIES: { readonly [retry in ErrorEntry["retry"]]: string } = {
  busbar: "Busbar, under the node's retry policy",
  person: "you, after the remedy",
  nobody: "nobody",
};

/** docs/reference/errors.md */
export function renderErrorsPage(): string {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(ERRORS);
  const rows = [...entries]
    .sort(([, a], [, b]) => a.exitCode - b.exitCode)
    .map(
      ([code, { meaning, remedy, retry, exitCode }]) =>
        `| \`${code}\` | ${exitCode} | ${cell(meaning)} | ${cell(remedy)} | ${RETRIES[retry]} |`,
    );
  return `${[
    "# Errors",
    "",
    GENERATED.replace("the source it names", "src/kernel/error-table.ts"),
    "",
    "Every error that Busbar reports has one of these codes. They stand in journals, in `--json` output and in",
    "other people's scripts, so a code never changes its meaning, and none is taken away.",
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "|---|---|",
    ...EXIT_CODES.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    "",
    "A run that ends by a failed check of its services exits with the number of the first finding (20-29); every",
    "other failed run exits with 1, whatever the codes of its nodes. An invalid file exits with the number of its",
    "first problem.",
    "",
    "## Codes",
    "",
    "| code | exit | meaning | what to do | who may try again |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n")}\n`;
}

/** docs/reference/cli.md */
export function renderCliPage(): string {
  const style = createStyle(false);
  const fence = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
  return `${[
    "# Command line",
    "",
    GENERATED.replace("the source it names", "src/cli/commands/"),
    "",
    "Data goes to stdout, everything else to stderr.",
    "",
    fence(renderOverview(COMMANDS, style)),
    ...COMMANDS.flatMap((command) => ["", `## busbar ${command.name}`, "", fence(renderHelp(command, style))]),
  ].join("\n")}\n`;
}

const KEYS = /(<!-- Written by scripts\/docs\.ts: .*-->\n)[\s\S]*?(<!-- \/keys -->)/;

/** docs/reference/policy.md, with the table of keys as its JSON Schema has them. @param page as it is */
export async function renderPolicyPage(page: string): Promise<string> {
  const rows = [...keysOf(await policySchema())].map(([key, text]) => `| \`${key}\` | ${cell(text)} |`);
  const table = ["", "| key | says |", "|---|---|", ...rows, ""].join("\n");
  return page.replace(KEYS, (_, begin: string, end: string) => `${begin}${table}\n${end}`);
}

/** Every key of a JSON Schema with its description, by the way to it. */
function* keysOf(schema: Json, way = ""): Generator<readonly [key: string, text: string]> {
  const { properties = {}, items } = schema as { readonly properties?: JsonObject; readonly items?: Json };
  for (const [key, value] of Object.entries(properties)) {
    const { description = "" } = value as { readonly description?: string };
    yield [`${way}${key}`, description];
    yield* keysOf(value, `${way}${key}.`);
  }
  if (items !== undefined) yield* keysOf(items, way.replace(/\.$/, "[]."));
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

if (import.meta.main) {
  const folder = new URL("../docs/reference/", import.meta.url);
  writeFileSync(new URL("errors.md", folder), renderErrorsPage());
  writeFileSync(new URL("cli.md", folder), renderCliPage());
  const policy = new URL("policy.md", folder);
  writeFileSync(policy, await renderPolicyPage(readFileSync(policy, "utf8")));
}
