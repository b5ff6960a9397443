import { hash } from "node:crypto";
import { isTerminalRun, type RunStatus } from "../../engine/status.ts";
import { parseTimestamp, timestampOf } from "../../kernel/timestamp.ts";
import type { OutcomePage, Outcomes, RunOutcome } from "../../ports/run-outcomes.ts";
import { type Admin, sqlText } from "./admin.ts";
import { RUN_HEADS, selectHeadsOf, selectUnderWay, summaryText } from "./stored-runs.ts";

const STATUS = summaryText("status");
const ENDED = summaryText("ended_at");
const CREATED = summaryText("created_at");
const INVOCATION = "json_get_str(value_utf8, 'invocation')";

/** The last moment that a timestamp can say. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** What became of the runs of a cluster, by SQL over their heads: each question is a look at all of them. */
export function createClusterOutcomes(admin: Admin): Outcomes {
  return {
    async countRuns() {
      const counts = { pending: 0, running: 0, interrupted: 0, succeeded: 0, failed: 0, cancelled: 0 };
      const ended = await admin.query(
        `SELECT ${STATUS} AS status, count(*) AS runs ${RUN_HEADS} AND ${STATUS} IN ('succeeded', 'failed', 'cancelled') GROUP BY ${STATUS}`,
      );
      for (const { status, runs } of ended) counts[status as RunStatus] = Number(runs);
      const open = await admin.query(
        `SELECT service_key, ${STATUS} AS status, ${INVOCATION} AS invocation ${RUN_HEADS} AND ${STATUS} IN ('pending', 'running')`,
      );
      const underWay = await selectUnderWay(
        admin,
        open.map(({ invocation }) => String(invocation)),
      );
      const dead: string[] = [];
      for (const { service_key, status, invocation } of open) {
        if (underWay.has(String(invocation))) counts[status as RunStatus] += 1;
        else dead.push(String(service_key));
      }
      // Those that have ended since are counted as that.
      for (const one of await selectHeadsOf(admin, dead)) {
        if (!("head" in one)) continue;
        const { status } = one.head.summary;
        counts[isTerminalRun(status) ? status : "interrupted"] += 1;
      }
      return counts;
    },
    readOutcomes: (page) => readOutcomes(admin, page),
  };
}

/** Rows that end at the edge of an answer may be part of what ended at one moment: then more of them are asked for. */
async function readOutcomes(admin: Admin, page: OutcomePage): Promise<readonly RunOutcome[]> {
  const { from, towards, limit } = page;
  const isLater = towards === "later";
  const order = isLater ? "ASC" : "DESC";
  const at = sqlText(timestampOf(Math.min(from.ended, LAST_MS)));
  for (let asked = limit + 1; ; asked *= 2) {
    const rows = await admin.query(
      `SELECT service_key, ${summaryText("workflow")} AS workflow, ${STATUS} AS status, ${CREATED} AS created, ${ENDED} AS ended ` +
        `${RUN_HEADS} AND ${ENDED} ${isLater ? ">=" : "<="} ${at} ORDER BY ended ${order} LIMIT ${asked}`,
    );
    const found = rows.map(
      (row): RunOutcome => ({
        workflow: String(row.workflow),
        status: String(row.status) as RunStatus,
        ended: parseTimestamp(String(row.ended)),
        n: placeOf(String(row.service_key), String(row.created)),
      }),
    );
    const isAll = rows.length < asked;
    const edge = found.at(-1)?.ended;
    const whole = isAll ? found : found.filter(({ ended }) => ended !== edge);
    const beyond = whole
      .filter((one) => isTerminalRun(one.status) && (isLater ? compare(one, from) > 0 : compare(one, from) < 0))
      .sort((a, b) => (isLater ? compare(a, b) : compare(b, a)));
    if (isAll || beyond.length >= limit) return beyond.slice(0, limit);
  }
}

function compare(a: RunOutcome | OutcomePage["from"], b: RunOutcome | OutcomePage["from"]): number {
  return a.ended - b.ended || a.n - b.n;
}

/** Runs of one moment are told apart by their ids. */
function placeOf(runId: string, createdAt: string): number {
  return parseTimestamp(createdAt) + (Number.parseInt(hash("sha256", runId).slice(0, 4), 16) % 1000) / 1000;
}
