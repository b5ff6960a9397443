import type { Command } from "../src/cli/command.ts";
import * as control from "../src/cli/groups/control.ts";
import * as drive from "../src/cli/groups/drive.ts";
import * as files from "../src/cli/groups/files.ts";
import * as look from "../src/cli/groups/look.ts";
import * as serve from "../src/cli/groups/serve.ts";
import * as server from "../src/cli/groups/server.ts";
import * as worker from "../src/cli/groups/worker.ts";

/** The groups of commands by the names of their files, in the order in which `busbar --help` lists their commands. */
const GROUPS: readonly (readonly [name: string, group: { readonly COMMANDS: readonly Command[] }])[] = [
  ["files", files],
  ["drive", drive],
  ["control", control],
  ["look", look],
  ["server", server],
  ["worker", worker],
  ["serve", serve],
];

/** Every command, in the order of `busbar --help`. */
export const COMMANDS: readonly Command[] = GROUPS.flatMap(([, { COMMANDS: commands }]) => commands);

/** src/cli/command-table.ts */
export function renderCommandTable(): string {
  const rows = GROUPS.flatMap(([group, { COMMANDS: commands }]) =>
    commands.map(
      ({ name, summary }) =>
        `  { name: ${JSON.stringify(name)}, group: ${JSON.stringify(group)}, summary: ${JSON.stringify(summary)} },`,
    ),
  );
  return `${[
    "// Made by `npm run generate` from the groups of commands (groups/): change a command there.",
    "",
    "/** Every command, in the order of `busbar --help`: what must be known of it before its group is loaded. */",
    "export const COMMAND_TABLE = [",
    ...rows,
    "] as const;",
    "",
    "/** A file of groups/. */",
    'export type CommandGroup = (typeof COMMAND_TABLE)[number]["group"];',
  ].join("\n")}\n`;
}
