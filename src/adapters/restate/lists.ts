import type { JournalReader, RunRecord } from "../../ports/journal.ts";
import type { Admin } from "./admin.ts";
import { sqlText } from "./admin.ts";
import type { Ingress } from "./ingress.ts";
import { HEAD, RUN_OBJECT } from "./names.ts";
import { toRecord } from "./record.ts";
import type { StoredHead } from "./wire.ts";

const HEADS = `FROM state WHERE service_name = '${RUN_OBJECT}' AND key = '${HEAD}'`;

export function createClusterLists(
  admin: Admin,
  _ingress: Ingress,
): Pick<JournalReader, "listRuns" | "findRunIds" | "readFeed"> {
  return {
    async listRuns(filter = {}) {
      const rows = await admin.query(`SELECT service_key, value_utf8 ${HEADS}`);
      const runs = rows
        .map(
          (row): RunRecord =>
            toRecord(String(row.service_key), JSON.parse(String(row.value_utf8)) as StoredHead, false),
        )
        .sort((a, b) => b.n - a.n);
      return { runs: runs.slice(0, filter.limit), damaged: [] };
    },
    async findRunIds(beginning, limit) {
      const rows = await admin.query(
        `SELECT service_key ${HEADS} AND service_key LIKE ${sqlText(`${beginning}%`)} LIMIT ${limit}`,
      );
      return rows.map((row) => String(row.service_key));
    },
    async readFeed() {
      return { items: [], cursor: "", isEnd: true };
    },
  };
}
