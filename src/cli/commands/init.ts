import { existsSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { isFolder, makeFolder } from "../../kernel/make-folder.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { quoteArgument } from "../render/quote.ts";
import { renderSchema } from "../schema.ts";
import { renderStarter, SCHEMA_FILE, STARTER_FILE } from "../starter.ts";

export const initCommand: Command = {
  name: "init",
  summary: "write a commented starter workflow",
  description: `Writes ${STARTER_FILE}, or the .yaml file that is named, and ${SCHEMA_FILE} beside it, which editors
complete and check it with. Neither is ever overwritten.`,
  positionals: [
    {
      name: "PATH",
      about: "a directory, or a name that ends in .yaml or .yml; made if it is not there (default: here)",
      optional: true,
    },
  ],
  options: [],
  examples: [
    { command: "busbar init my-pipeline", says: `writes my-pipeline/${STARTER_FILE}` },
    { command: "busbar init nightly.yaml", says: "writes nightly.yaml" },
  ],
  exitCodes: "0 written · 2 it is there already, or cannot be written",
  async run({ values, io }) {
    const shown = fileFor(values.positional(0) ?? ".");
    const path = resolve(shown);
    const schema = join(dirname(path), SCHEMA_FILE);
    writeNew(path, renderStarter(quoteArgument(basename(path))));
    if (!existsSync(schema)) writeNew(schema, renderSchema());
    const file = quoteArgument(shown);
    const command = createCommandFormatter(io);
    await io.out.printData(`${path}\n`);
    io.err.write(
      `Next: ${io.err.style.bold(command(`validate ${file}`))}, then ${command("dummy-server")} & and ${command(`run ${file}`)}\n`,
    );
    return EXIT_OK;
  },
};

/** The file that is meant by what was given. @throws BusbarError USAGE */
function fileFor(given: string): string {
  if (isFolder(given)) return join(given, STARTER_FILE);
  const ending = extname(given).toLowerCase();
  if (ending === ".yaml" || ending === ".yml") return given;
  if (ending === ".json") {
    throw new BusbarError("USAGE", `the starter has comments, which JSON has not: name ${given} .yaml, or a directory`);
  }
  return join(given, STARTER_FILE);
}

/** @throws BusbarError USAGE */
function writeNew(path: string, text: string): void {
  const folder = dirname(path);
  try {
    makeFolder(folder);
  } catch (cause) {
    const file = fileOnTheWay(folder);
    const why =
      file === undefined ? `${folder} cannot be made: ${describeFailure(cause)}` : `${file} is a file, not a directory`;
    throw new BusbarError("USAGE", why, { cause });
  }
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    const why = isThere ? "is there already; nothing was written" : `cannot be written: ${describeFailure(cause)}`;
    throw new BusbarError("USAGE", `${path} ${why}`, { cause });
  }
}

/** What stands in the way of making a folder: the path itself or one above it. */
function fileOnTheWay(path: string): string | undefined {
  if (existsSync(path)) return isFolder(path) ? undefined : path;
  return dirname(path) === path ? undefined : fileOnTheWay(dirname(path));
}
