import { requireObject, requireWord } from "../kernel/arguments.ts";
import { createSecrets } from "../kernel/secrets.ts";
import { checkReaderArguments } from "./arguments.ts";
import { type OpenRunReader, openReader } from "./reader.ts";
import { createShared } from "./shared.ts";

/**
 * Opens a state directory for looking only, whoever drives its runs: nothing is made, nothing is owned, and one that
 * cannot be written is read from a private copy. A directory that does not exist reads as one without runs.
 *
 * @throws BusbarError USAGE
 */
export function openRunReader(options: { readonly stateDir: string }): OpenRunReader {
  requireObject("options", options, "an object {stateDir}");
  requireWord("options.stateDir", options.stateDir, "the path of a directory");
  // Nothing is called, so no secret is read.
  const reader = openReader(options.stateDir, createShared(createSecrets(() => undefined)));
  return { ...checkReaderArguments(reader), close: reader.close };
}
