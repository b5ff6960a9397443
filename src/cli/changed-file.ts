import { readFileSync } from "node:fs";
import type { RunView } from "../ports/runtime.ts";
import { hashDefinition } from "../workflow/model/definition.ts";
import { withoutBom } from "../workflow/text/source.ts";
import type { Invocation } from "./command.ts";
import { createCommandFormatter } from "./format-command.ts";
import { givenPlaceOf } from "./place.ts";
import { quoteArgument } from "./render/quote.ts";

/**
 * Says where the file of a run is not what the run has recorded any more.
 * @param command what is being done, to which `--file` can be added
 */
export function warnOfChangedFile({ io, values }: Invocation, view: RunView, command: string): void {
  if (values.text("log-format") === "json" || !differsOnDisk(view)) return;
  const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
  io.err.write(
    `${view.file} has changed since this run was created; the run goes on with the text it has recorded. ` +
      `To use the file: ${formatCommand(`${command} --file ${quoteArgument(view.file ?? "")}`)}\n`,
  );
}

function differsOnDisk(view: RunView): boolean {
  if (view.file === undefined) return false;
  try {
    return hashDefinition(withoutBom(readFileSync(view.file, "utf8"))) !== view.definition_hash;
  } catch {
    // Nobody can take a file that is gone for the one that the run uses.
    return false;
  }
}
