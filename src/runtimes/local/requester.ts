import type { JournalRequester } from "../../ports/journal.ts";
import type { RunControl } from "../../ports/runtime.ts";
import { createAsk, type TakeOverFor } from "./ask.ts";
import { NOTHING_HERE } from "./here.ts";
import { createRunReader, type LocalRunReader, type RunReaderOptions } from "./reader.ts";

export interface RunRequesterOptions extends RunReaderOptions {
  readonly journal: JournalRequester;
  /** Finds somebody who drives a run that nobody drives, and answers the request. */
  readonly takeOver: TakeOverFor;
}

/** Looks at runs that others drive, and asks something of them. */
export interface LocalRunRequester extends LocalRunReader, Pick<RunControl, "request"> {}

/** The asking side of the local runtime: writes a row for each request, and owns nothing. */
export function createRunRequester(options: RunRequesterOptions): LocalRunRequester {
  return { ...createRunReader(options), request: createAsk({ ...options, here: NOTHING_HERE }) };
}
