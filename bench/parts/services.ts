import { fileURLToPath } from "node:url";
import type { ServiceMeasurement } from "../analyzer.ts";
import { runChild } from "../harness/child.ts";
import type { Part } from "../harness/part.ts";

const MEASURE = fileURLToPath(new URL("../peers/services-once.ts", import.meta.url));
const ROWS = 1_000_000;

export const servicesPart: Part = {
  name: "services",
  about: "the reference services on 1,000,000 rows, once: rows a second, peak memory of each process",
  async *measure() {
    for (const one of await runChild<readonly ServiceMeasurement[]>([MEASURE, String(ROWS)])) {
      const common = { part: "services", note: `${ROWS.toLocaleString("en")} rows` };
      yield { ...common, name: one.service, unit: "rows/s", value: one.rows_per_second };
      yield {
        ...common,
        name: `${one.service}: peak memory`,
        unit: "MB",
        value: one.max_rss_mb,
        tolerance: 1,
        asked: { bound: "at most", value: 256 },
      };
    }
  },
};
