import type { Cases } from "../cases.ts";

const of = (run_id: string, body: unknown = {}) => ({ path: { run_id }, body });
const keyed = { "idempotency-key": "once" };

export const CONTROL_CASES: Cases = {
  startRun: [
    [201, (world) => ({ body: { definition: world.definition("ok"), run_id: "started" }, headers: keyed })],
    [200, (world) => ({ body: { definition: world.definition("ok"), run_id: "started" }, headers: keyed })],
    ["IDEMPOTENCY_KEY_USED", (world) => ({ body: { definition: world.definition("fail") }, headers: keyed })],
    ["RUN_EXISTS", (world) => ({ body: { definition: world.definition("ok", "ok"), run_id: "started" } })],
    ["RUN_ID_INVALID", (world) => ({ body: { definition: world.definition("ok"), run_id: "last" } })],
    ["WORKFLOW_UNKNOWN", () => ({ body: { workflow: "none" } })],
    ["USAGE", () => ({ body: {} })],
    [422, () => ({ body: { definition: { format: "json", text: "{" } } })],
  ],
  resumeRun: [
    ["RESUME_FILE_DIFFERS", (world) => of("failed", { definition: world.definition("fail", "ok", "ok") })],
    [200, () => of("failed")],
    ["RUN_ALREADY_SUCCEEDED", () => of("done")],
    ["RUN_OWNED", async (world) => of(await world.run("held", "hold", "ok"))],
    [422, () => of("failed", { definition: { format: "json", text: "{" } })],
  ],
  rerunRun: [
    [201, () => ({ ...of("done", { from: ["n1"], run_id: "again" }), headers: { "idempotency-key": "again" } })],
    [200, () => ({ ...of("done", { from: ["n1"], run_id: "again" }), headers: { "idempotency-key": "again" } })],
    ["IDEMPOTENCY_KEY_USED", () => ({ ...of("done"), headers: { "idempotency-key": "again" } })],
    ["RUN_EXISTS", () => of("done", { from: ["n0"], run_id: "again" })],
    ["RUN_ID_INVALID", () => of("done", { from: ["n0"], run_id: "last" })],
    ["RERUN_NODE_UNKNOWN", () => of("done", { from: ["nowhere"] })],
    ["RERUN_NOTHING", () => of("done")],
    ["RERUN_DIFFERS", (world) => of("done", { definition: world.definition("fail", "ok"), from: ["n1"] })],
    [422, () => of("done", { definition: { format: "json", text: "{" } })],
  ],
  pauseRun: [
    [200, () => of("held", { reason: "to look" })],
    ["RUN_ALREADY_ENDED", () => of("done")],
  ],
  unpauseRun: [
    [200, () => of("held")],
    ["RUN_ALREADY_ENDED", () => of("done")],
  ],
  cancelRun: [
    [200, () => of("held")],
    ["RUN_ALREADY_ENDED", () => of("done")],
  ],
  deleteRun: [
    ["RUN_NOT_ENDED", async (world) => ({ path: { run_id: await world.run("going", "hold") } })],
    [204, async (world) => ({ path: { run_id: await world.runElsewhere("gone") } })],
  ],
};
