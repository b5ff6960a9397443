import { BusbarError } from "../../kernel/errors.ts";

/** The history of a run lacks an event that its head counts. */
export function damagedAt(runId: string, seq: number): BusbarError {
  return new BusbarError("JOURNAL_DAMAGED", `Run ${runId} is damaged at event ${seq}: it is missing`, {
    details: { run_id: runId, seq },
  });
}
