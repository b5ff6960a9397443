import { isTerminalRun } from "../../engine/status.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { JournalReader, RunRecord } from "../../ports/journal.ts";
import { matchesFilter } from "../../ports/journal-rules.ts";
import { type Admin, sqlText } from "./admin.ts";
import { decodeRunPlace, encodeRunPlace, type RunPlace } from "./cursor.ts";
import { toRecord } from "./record.ts";
import { type FoundHead, RUN_HEADS, selectHeads, selectHeadsOf, selectUnderWay } from "./stored-runs.ts";

/** Lists of runs, by the SQL of Restate over their heads: there is no second list that could say something else. */
export function createClusterLists(admin: Admin, cluster: string): Pick<JournalReader, "listRuns" | "findRunIds"> {
  return {
    async listRuns(filter = {}) {
      const { limit = Number.POSITIVE_INFINITY } = filter;
      const runs: RunRecord[] = [];
      const damaged: ErrorInfo[] = [];
      // One more than is shown tells that there is more.
      const pageSize = Number.isSafeInteger(limit) ? Math.max(0, limit) + 1 : undefined;
      let place = filter.before === undefined ? undefined : decodeRunPlace(filter.before);
      for (;;) {
        const found = await selectHeads(admin, filter, place, pageSize);
        for (const record of await recordsOf({ admin, cluster }, found, damaged)) {
          if (!matchesFilter(record, filter)) continue;
          if (runs.length >= limit) return { runs, damaged, next: placeBefore(record, runs.at(-1)) };
          runs.push(record);
        }
        const last = found.findLast((one) => "head" in one);
        if (pageSize === undefined || found.length < pageSize) return { runs, damaged };
        // Those that are damaged come first, and only where no place was given.
        place = last === undefined ? NEWEST : placeOf(last.runId, last.head.summary.created_at);
      }
    },
    async findRunIds(beginning, limit) {
      const rows = await admin.query(
        `SELECT service_key ${RUN_HEADS} AND starts_with(service_key, ${sqlText(beginning)}) ORDER BY service_key LIMIT ${limit}`,
      );
      const ids = rows.map((row) => String(row.service_key));
      return ids[0] === beginning ? [beginning] : ids;
    },
  };
}

/** Before all runs: a time that no timestamp comes after. */
const NEWEST: RunPlace = { createdMs: Date.parse("9999-12-31T23:59:59.999Z"), runId: "" };

const placeOf = (runId: string, createdAt: string): RunPlace => ({ createdMs: Date.parse(createdAt), runId });

/** After the last that is shown; where none is, right before the first that is not. */
function placeBefore(first: RunRecord, shown: RunRecord | undefined): string {
  if (shown !== undefined) return encodeRunPlace(placeOf(shown.runId, shown.summary.created_at));
  return encodeRunPlace({ createdMs: Date.parse(first.summary.created_at) + 1, runId: "" });
}

/**
 * An owner that is dead has written nothing since (J10): whether it lives is asked after its head was read, and the head
 * is read once more where it does not.
 */
async function recordsOf(
  { admin, cluster }: { readonly admin: Admin; readonly cluster: string },
  found: readonly FoundHead[],
  damaged: ErrorInfo[],
): Promise<readonly RunRecord[]> {
  const open = found.flatMap((one) => ("head" in one && !isTerminalRun(one.head.summary.status) ? [one] : []));
  const underWay = await selectUnderWay(
    admin,
    open.map(({ head }) => head.invocation),
  );
  const dead = open.filter(({ head }) => !underWay.has(head.invocation)).map(({ runId }) => runId);
  const again = new Map((await selectHeadsOf(admin, dead)).map((one) => [one.runId, one]));
  const isDead = new Set(dead);
  return found.flatMap((before) => {
    const { runId } = before;
    const one = isDead.has(runId) ? again.get(runId) : before;
    // It was deleted meanwhile.
    if (one === undefined) return [];
    if ("error" in one) {
      damaged.push(one.error);
      return [];
    }
    const { head } = one;
    const isMovedOn = "head" in before && before.head.token !== head.token;
    const isAlive = !isTerminalRun(head.summary.status) && (!isDead.has(runId) || isMovedOn);
    return [toRecord(cluster, runId, head, isAlive)];
  });
}
