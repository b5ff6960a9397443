import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { escapeUnseen } from "../../kernel/text.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { LAST, refuseUnknown } from "../../ports/journal-rules.ts";

/** Runs that an ambiguous name lists. */
const FEW = 5;

/** @throws BusbarError RUN_NOT_FOUND, RUN_AMBIGUOUS, JOURNAL_… */
export async function resolveRun(
  journal: Pick<JournalReader, "findRunIds" | "listRuns" | "location">,
  name: string,
): Promise<string> {
  // Every id begins with nothing: a variable of a script that is not set would mean the only run.
  if (name === "") return refuseUnknown(name, journal.location);
  const ids = await journal.findRunIds(name, FEW + 1);
  const [first] = ids;
  if (first === name) return name;
  if (name === LAST) {
    const { runs } = await journal.listRuns({ limit: 1 });
    return runs[0]?.runId ?? refuseUnknown(name, journal.location);
  }
  if (first === undefined) return refuseUnknown(name, journal.location);
  if (ids.length > 1) {
    const listed = ids.slice(0, FEW).join(", ");
    const message = `${quoteWord(escapeUnseen(name))} is the beginning of several runs: ${listed}${ids.length > FEW ? ", …" : ""}`;
    throw new BusbarError("RUN_AMBIGUOUS", message, { details: { run_ids: ids.slice(0, FEW) } });
  }
  return first;
}
