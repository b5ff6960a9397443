// The runs of the world: one in each state that a page has to show.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ApiClient } from "../../../dashboard/api/client.ts";
import { createRunLogs } from "../../../src/adapters/run-logs/run-logs.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createSecrets } from "../../../src/kernel/secrets.ts";
import type { AttemptKey } from "../../../src/ports/attempt-key.ts";
import type { RunLogs } from "../../../src/ports/run-logs.ts";
import type { Cli } from "../../cli/harness.ts";
import type { WorldServices } from "./services.ts";

/** The run ids, by the state that each is in. */
export const RUNS = {
  /** Three nodes, with their files. */
  succeeded: "energy-ok",
  /** The analyzer went down while the run was under way: four attempts, one node skipped; has a log with colours. */
  failed: "energy-failed",
  /** A service was not there before the run began. */
  preflight: "archive-unreached",
  /** Two attempts that took too long. */
  timedOut: "lookup-timed-out",
  /** Its node `parse` is held. */
  running: "tariffs-running",
  /** Waits for the one that is running. */
  queued: "tariffs-queued",
  /** `redact` has ended since, `publish` waits. */
  paused: "export-paused",
  /** Its process, a `busbar run`, was killed while `dump` was under way. */
  interrupted: "backup-interrupted",
  cancelled: "weekly-cancelled",
  /** 300 nodes: `load-019` failed, six sites are held at `fetch`, the rest is done. */
  large: "rollup-300",
} as const;

export interface RunsRig {
  readonly api: ApiClient;
  readonly services: WorldServices;
  readonly cli: Cli;
  readonly stateDir: string;
}

/** Makes all of them, side by side. */
export async function makeRuns(rig: RunsRig): Promise<void> {
  // Those of the energy pipeline write to the same files.
  const energy = async (): Promise<void> => {
    for (const number of [1, 2, 3]) await succeed(rig, "energy_data_pipeline", `energy-${number}`);
    await makeFailed(rig);
    await rig.services.all.get("energy-analyzer")?.start();
    await succeed(rig, "energy_data_pipeline", RUNS.succeeded);
  };
  rig.services.script({ quote: "hold", parse: "hold", render: "hold", redact: "hold", dump: "hold" });
  await Promise.all([
    energy(),
    makeLarge(rig),
    makeInterrupted(rig),
    startAndWait(rig, "archive_year", RUNS.preflight),
    startAndWait(rig, "price_lookup", RUNS.timedOut),
    makeTariffs(rig),
    makePaused(rig),
    makeCancelled(rig),
  ]);
  rig.services.script({ quote: undefined, render: undefined });
}

/** Starts a run by the workflow's name. */
export async function startRun(
  { api }: Pick<RunsRig, "api">,
  workflow: string,
  run_id: string,
  params: Record<string, string | number | boolean> = {},
): Promise<void> {
  await api.call("post", "/api/v1/runs", { body: { workflow, run_id, params } });
}

/** Waits until a run has ended. */
export async function runEnded({ api }: Pick<RunsRig, "api">, run_id: string): Promise<string | undefined> {
  for (;;) {
    const { end } = await api.call("get", "/api/v1/runs/{run_id}/wait", { path: { run_id } });
    if (end !== null) return end.type;
  }
}

/** Waits until a node of a run is in a status. */
export async function nodeIs(
  { api }: Pick<RunsRig, "api">,
  run_id: string,
  nodeId: string,
  status: string,
): Promise<void> {
  for (;;) {
    const { nodes } = await api.call("get", "/api/v1/runs/{run_id}", { path: { run_id } });
    if (nodes.find(({ id }) => id === nodeId)?.status === status) return;
    await setTimeout(10);
  }
}

/** Where attempts of a run write what its containers say; the services of the world are no containers. */
export function worldLogs(stateDir: string, attemptBytes?: number): RunLogs {
  return createRunLogs({
    folder: join(stateDir, "run-logs"),
    clock: createSystemClock(),
    secrets: createSecrets(() => undefined),
    onTrouble(cause) {
      throw cause;
    },
    ...(attemptBytes === undefined ? {} : { limits: { attemptBytes, lineChars: 1024 } }),
  });
}

async function startAndWait(rig: RunsRig, workflow: string, runId: string): Promise<void> {
  await startRun(rig, workflow, runId);
  await runEnded(rig, runId);
}

async function succeed(rig: RunsRig, workflow: string, runId: string): Promise<void> {
  await startRun(rig, workflow, runId);
  const end = await runEnded(rig, runId);
  if (end !== "run.succeeded") throw new Error(`${runId}: ${end}`);
}

async function makeFailed(rig: RunsRig): Promise<void> {
  const analyzer = rig.services.all.get("energy-analyzer");
  const letGo = rig.services.all.get("energy-generator")?.hold();
  await startRun(rig, "energy_data_pipeline", RUNS.failed);
  await nodeIs(rig, RUNS.failed, "energy-generator", "running");
  await analyzer?.stop();
  letGo?.();
  const logs = worldLogs(rig.stateDir);
  for (const attempt of [1, 2, 3, 4]) writeLog(logs, RUNS.failed, { nodeId: "energy-analyzer", attempt });
  writeCutLog(rig.stateDir);
  await runEnded(rig, RUNS.failed);
}

function writeLog(logs: RunLogs, runId: string, key: AttemptKey): void {
  const log = logs.open(runId, key);
  log.write("stdout", `\u001b[1mreading\u001b[0m /data/energy_data.csv (attempt ${key.attempt})\n`);
  log.write("stdout", "\u001b[32m1,999 rows\u001b[0m, \u001b[33m14 left out\u001b[0m\n");
  log.write("stderr", "\u001b[31mconnect ECONNREFUSED 127.0.0.1:50052\u001b[0m\n");
  log.end();
}

/** Of the generator more was written than is kept. */
function writeCutLog(stateDir: string): void {
  const log = worldLogs(stateDir, 64 * 1024).open(RUNS.failed, { nodeId: "energy-generator", attempt: 1 });
  for (let row = 1; row <= 5000; row++) log.write("stdout", `row ${row}: 231.7 V, 1.166 A, 226.3 W\n`);
  log.end();
}

async function makeLarge(rig: RunsRig): Promise<void> {
  const held = ["091", "092", "093", "094", "095", "096"].map((site) => `fetch-${site}`);
  rig.services.script({ "load-019": "fail", ...Object.fromEntries(held.map((id) => [id, "hold" as const])) });
  await startRun(rig, "nightly_meter_rollup", RUNS.large);
  for (const id of ["load-090", "load-019"])
    await nodeIs(rig, RUNS.large, id, id === "load-019" ? "failed" : "succeeded");
  for (const id of held) await nodeIs(rig, RUNS.large, id, "running");
}

async function makeTariffs(rig: RunsRig): Promise<void> {
  await startRun(rig, "tariff_import", RUNS.running, { day: "2026-11-26", limit: 200 });
  await nodeIs(rig, RUNS.running, "parse", "running");
  await startRun(rig, "tariff_import", RUNS.queued, { day: "2026-11-27" });
}

async function makePaused(rig: RunsRig): Promise<void> {
  await startRun(rig, "customer_export", RUNS.paused);
  await nodeIs(rig, RUNS.paused, "redact", "running");
  await rig.api.call("post", "/api/v1/runs/{run_id}/pause", { path: { run_id: RUNS.paused }, body: { by: "grace" } });
  rig.services.script({ redact: undefined });
  await nodeIs(rig, RUNS.paused, "redact", "succeeded");
}

async function makeCancelled(rig: RunsRig): Promise<void> {
  await startRun(rig, "weekly_report", RUNS.cancelled);
  await nodeIs(rig, RUNS.cancelled, "render", "running");
  await rig.api.call("post", "/api/v1/runs/{run_id}/cancel", {
    path: { run_id: RUNS.cancelled },
    body: { by: "anna", reason: "wrong week" },
  });
  await runEnded(rig, RUNS.cancelled);
}

/** A server takes up its own runs alone: this one is of the command line. */
async function makeInterrupted({ cli, stateDir }: RunsRig): Promise<void> {
  const args = ["--run-id", RUNS.interrupted, "--state-dir", stateDir];
  const running = cli.start(["run", join("workflows", "nightly-backup.json"), ...args]);
  await running.shows("dump  started");
  running.child.kill("SIGKILL");
  await running.ended;
}
