import { type FieldChecks, requireFields, requireWord } from "../kernel/arguments.ts";
import { createSecrets } from "../kernel/secrets.ts";
import { checkReaderArguments } from "./arguments.ts";
import { type OpenRunReader, openReader } from "./reader.ts";
import { createShared } from "./shared.ts";

/** Which runs to look at. */
export interface RunReaderOptions {
  readonly stateDir: string;
}

const OPTIONS: FieldChecks<RunReaderOptions> = {
  stateDir: (name, value) => requireWord(name, value, "the path of a directory"),
};

/**
 * Opens a state directory for looking only, whoever drives its runs: nothing is made, nothing is owned, and one that
 * cannot be written is read from a private copy. A directory that does not exist reads as one without runs.
 *
 * @throws BusbarError USAGE
 */
export function openRunReader(options: RunReaderOptions): OpenRunReader {
  requireFields("options", options, OPTIONS, "an object {stateDir}");
  // Nothing is called, so no secret is read.
  const reader = openReader(options.stateDir, createShared(createSecrets(() => undefined)));
  return { ...checkReaderArguments(reader), close: reader.close };
}
