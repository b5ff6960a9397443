import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { BusbarError } from "../../kernel/errors.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { quoteArgument } from "../render/quote.ts";
import { STARTER, STARTER_FILE } from "../starter.ts";

export const initCommand: Command = {
  name: "init",
  summary: "write a commented starter workflow",
  description: `Writes ${STARTER_FILE} and never overwrites one.`,
  positionals: [{ name: "DIR", about: "where to write it, made if it is not there (default: here)", optional: true }],
  options: [],
  examples: [{ command: "busbar init my-pipeline", says: `writes my-pipeline/${STARTER_FILE}` }],
  exitCodes: "0 written · 2 it is there already, or cannot be written",
  async run({ values, io }) {
    const folder = resolve(io.cwd, values.positional(0) ?? ".");
    const path = join(folder, STARTER_FILE);
    try {
      makeFolder(folder);
      writeFileSync(path, STARTER, { flag: "wx" });
    } catch (cause) {
      const there = (cause as NodeJS.ErrnoException).code === "EEXIST";
      const why = there ? "is there already; nothing was written" : `cannot be written: ${(cause as Error).message}`;
      throw new BusbarError("USAGE", `${path} ${why}`, { cause });
    }
    const shown = quoteArgument(relative(io.cwd, path) || path);
    io.out.write(`${path}\n`);
    io.err.write(
      `Next: ${io.err.style.bold(`busbar validate ${shown}`)}, then busbar dummy-server & and busbar run ${shown}\n`,
    );
    return EXIT_OK;
  },
};
