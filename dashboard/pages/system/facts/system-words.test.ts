import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SystemView } from "../../../api/shapes.ts";
import { systemFacts } from "./system-words.ts";

const SYSTEM: SystemView = {
  version: "0.1.0",
  node_version: "v24.0.0",
  pid: 7,
  host: "vm",
  started_at: "2026-11-26T12:00:00.000Z",
  uptime_s: 3_700,
  journal_bytes: 1_500_000,
  retention: {},
  runs: { running: 3, waiting: 1, max_runs: 16 },
  event_loop_delay: { p50_ms: 0.3, p99_ms: 61.6, max_ms: 104 },
  memory_bytes: 177_000_000,
};

describe("the figures of the server", () => {
  const told = (change: Partial<SystemView> = {}): Record<string, string> =>
    Object.fromEntries(
      systemFacts({ ...SYSTEM, ...change }).map(({ name, value, more = "" }) => [name, `${value}; ${more}`]),
    );

  it("are told with their units", () => {
    assert.deepEqual(told(), {
      Version: "Busbar 0.1.0; up 1h 01m, pid 7 on vm, Node.js v24.0.0",
      Runs: "3 running of 16; 1 waiting for their turn",
      Journal: "1.5 MB; all that was recorded",
      Memory: "177.0 MB; of the process",
      "Event loop": "0.3 ms late; 99 of 100 within 62 ms, at most 104 ms",
      Kept: "everything; no limit is set",
    });
  });

  it("say what drives the runs, where that is a cluster", () => {
    const [ingress, admin] = ["http://restate:8080", "http://restate:9070"];
    const { Cluster, Journal } = told({ cluster: { ingress, admin, version: "1.7.12", workers: ["http://w:9080/"] } });
    assert.deepEqual(
      [Cluster, Journal],
      [
        "Restate 1.7.12; workers at http://w:9080/; ingress http://restate:8080",
        "1.5 MB; tokens and the audit log; runs are in the cluster",
      ],
    );
    assert.equal(
      told({ cluster: { ingress, admin, version: "1.7.12", workers: [] } }).Cluster,
      "Restate 1.7.12; no workers; ingress http://restate:8080",
    );
    assert.equal(told({ cluster: { ingress, admin } }).Cluster, "cannot be reached; http://restate:8080");
  });

  it("say of runs that have ended how long and how many are kept", () => {
    const kept = (retention: SystemView["retention"]): string | undefined => told({ retention }).Kept;
    assert.equal(
      kept({ max_age_ms: 90 * 86_400_000, max_runs: 100_000, max_bytes: 10_000_000_000 }),
      "90 days; at most 100,000 runs and 10.0 GB of ended runs",
    );
    assert.equal(kept({ max_runs: 5 }), "5 runs; of ended runs");
    assert.equal(kept({ max_age_ms: 86_400_000 }), "1 day; of ended runs");
    assert.equal(kept({ max_age_ms: 3_600_000 }), "1h 00m; of ended runs");
  });
});
