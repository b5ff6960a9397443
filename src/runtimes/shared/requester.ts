import type { JournalRequester } from "../../ports/journal.ts";
import type { RunControl } from "../../ports/runtime.ts";
import { NO_LOCAL_RUNS } from "./local-runs.ts";
import { createRunReader, type RunReaderOptions, type StoredRunReader } from "./reader.ts";
import { createSendRequest, type TakeOverFor } from "./send-request.ts";

export interface RunRequesterOptions extends RunReaderOptions {
  readonly journal: JournalRequester;
  /** Finds somebody who drives a run that nobody drives, and answers the request. */
  readonly takeOver: TakeOverFor;
}

/** Looks at runs that others drive, and asks something of them. */
export interface StoredRunRequester extends StoredRunReader, Pick<RunControl, "request"> {}

/** The asking side of a runtime: writes a row for each request, and owns nothing. */
export function createRunRequester(options: RunRequesterOptions): StoredRunRequester {
  return { ...createRunReader(options), request: createSendRequest({ ...options, local: NO_LOCAL_RUNS }) };
}
