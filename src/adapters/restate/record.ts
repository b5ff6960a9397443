import type { RunRecord } from "../../ports/journal.ts";
import type { StoredHead } from "./wire.ts";

/**
 * A run as its head tells it.
 * @param cluster the address of its ingress
 * @param alive whether Restate still works on its drive
 */
export function toRecord(cluster: string, runId: string, head: StoredHead, alive: boolean): RunRecord {
  const { definitionHash, file, summary, lastSeq, epoch, invocation, drivenSince, origin, priority } = head;
  return {
    runId,
    n: Date.parse(summary.created_at),
    definitionHash,
    ...(file === undefined ? {} : { file }),
    summary,
    lastSeq,
    epoch,
    owner: { id: invocation, cluster, startedAt: drivenSince, alive },
    ...(origin === undefined ? {} : { origin }),
    ...(priority === undefined ? {} : { priority }),
  };
}
