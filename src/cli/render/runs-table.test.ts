import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { RunListing } from "../../ports/runtime.ts";
import { renderRuns } from "./runs-table.ts";
import { createStyle } from "./style.ts";
import { widthOf } from "./text-width.ts";

const counts = { pending: 0, running: 1, waiting: 0, succeeded: 2, failed: 0, skipped: 0, cancelled: 0 };
const runOf = (run: Partial<RunListing>): RunListing => ({
  run_id: "20261123T154210-7f3k2q",
  workflow: "energy-data-pipeline",
  status: "succeeded",
  created_at: "2026-11-23T15:42:10.123Z",
  ended_at: "2026-11-23T15:42:14.123Z",
  duration_ms: 4000,
  counts,
  definition_hash: "sha256:0",
  last_seq: 9,
  paused: false,
  ...run,
});
const interrupted: Partial<RunListing> = {
  status: "running",
  owner: { alive: false, pid: 1, host: "h", started_at: "2026-11-23T15:42:10.123Z" },
};
const render = (runs: readonly RunListing[], columns: number, suffix = ""): readonly string[] =>
  renderRuns(runs, {
    columns,
    style: createStyle(false),
    formatCommand: (words) => `npx busbar ${words}${suffix}`,
  }).split("\n");

describe("the list of runs", () => {
  it("has one line a run where there is room", () => {
    const { duration_ms: _, ended_at: __, ...rest } = runOf(interrupted);
    assert.deepEqual(render([rest, runOf({})], 150), [
      "run                     workflow              status                 nodes  created                took  next",
      "20261123T154210-7f3k2q  energy-data-pipeline  running (interrupted)    2/3  2026-11-23 15:42:10Z         npx busbar resume 20261123T154210-7f3k2q",
      "20261123T154210-7f3k2q  energy-data-pipeline  succeeded                2/3  2026-11-23 15:42:10Z  4.0 s",
      "",
    ]);
  });

  it("puts the command that resumes on a line of its own where there is not, and leaves out what says least", () => {
    const runs = [runOf(interrupted), runOf({})];
    assert.deepEqual(render(runs, 80), [
      "run                     workflow        status       nodes  created",
      "20261123T154210-7f3k2q  energy-data-p…  interrupted    2/3  2026-11-23 15:42:10Z",
      "  npx busbar resume 20261123T154210-7f3k2q",
      "20261123T154210-7f3k2q  energy-data-p…  succeeded      2/3  2026-11-23 15:42:10Z",
      "",
    ]);
    assert.deepEqual(render(runs, 60), [
      "run                     workflow          status       nodes",
      "20261123T154210-7f3k2q  energy-data-pip…  interrupted    2/3",
      "  npx busbar resume 20261123T154210-7f3k2q",
      "20261123T154210-7f3k2q  energy-data-pip…  succeeded      2/3",
      "",
    ]);
    assert.deepEqual(render(runs, 40), [
      "run                     status",
      "20261123T154210-7f3k2q  interrupted",
      "  npx busbar resume 20261123T154210-7f3k2q",
      "20261123T154210-7f3k2q  succeeded",
      "",
    ]);
  });

  it("shows ids and commands whole at any width, and is no wider where they are not", () => {
    const anyRun = fc
      .record({
        run_id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
        workflow: fc.string({ unit: "grapheme", maxLength: 60 }),
        isInterrupted: fc.boolean(),
        status: fc.constantFrom("pending", "failed", "cancelled", "succeeded"),
      })
      .map(({ isInterrupted, ...run }) => runOf({ ...run, ...(isInterrupted ? interrupted : {}) } as RunListing));
    fc.assert(
      fc.property(
        fc.array(anyRun, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom("", " --state-dir '/srv/of ours/state'"),
        (runs, columns, suffix) => {
          const lines = render(runs, columns, suffix);
          for (const run of runs) {
            assert.ok(lines.some((line) => line.split(" ")[0] === run.run_id));
            if (run.owner === undefined) continue;
            const command = `npx busbar resume ${run.run_id}${suffix}`;
            assert.ok(
              lines.some((line) => line.endsWith(`  ${command}`)),
              lines.join("\n"),
            );
          }
          const room = Math.max(columns, ...runs.map((run) => Math.max(3, run.run_id.length) + "  interrupted".length));
          for (const line of lines) assert.ok(widthOf(line) <= room || line.startsWith("  npx"), line);
        },
      ),
    );
  });
});
