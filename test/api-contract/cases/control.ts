import type { Cases } from "../cases.ts";
import type { World } from "../world.ts";

const of = (run_id: string, body: unknown = {}) => ({ path: { run_id }, body });
const keyed = { "idempotency-key": "once" };

/** One run of such a workflow at once. */
function limited(world: World, input: "ok" | "hold") {
  const { format, text } = world.definition(input);
  const concurrency = { max_runs: 1, when_full: "reject" };
  return { format, text: JSON.stringify({ ...JSON.parse(text), workflow_name: "limited", concurrency }) };
}

export const CONTROL_CASES: Cases = {
  startRun: [
    [201, (world) => ({ body: { definition: world.definition("ok"), run_id: "started" }, headers: keyed })],
    [200, (world) => ({ body: { definition: world.definition("ok"), run_id: "started" }, headers: keyed })],
    ["IDEMPOTENCY_KEY_USED", (world) => ({ body: { definition: world.definition("fail") }, headers: keyed })],
    ["RUN_EXISTS", (world) => ({ body: { definition: world.definition("ok", "ok"), run_id: "started" } })],
    [
      "RUN_QUEUE_FULL",
      async (world) => {
        await world.runOf("limited-1", limited(world, "ok"));
        await world.runOf("limited-2", limited(world, "hold"));
        return { body: { definition: limited(world, "ok") } };
      },
    ],
    ["RUN_ID_INVALID", (world) => ({ body: { definition: world.definition("ok"), run_id: "last" } })],
    ["WORKFLOW_UNKNOWN", () => ({ body: { workflow: "none" } })],
    ["USAGE", () => ({ body: {} })],
    [422, () => ({ body: { definition: { format: "json", text: "{" } } })],
  ],
  findRunByKey: [
    [200, () => ({ path: { key: "once" } })],
    ["RUN_NOT_FOUND", () => ({ path: { key: "never" } })],
  ],
  resumeRun: [
    ["WORKFLOW_UNKNOWN", () => of("failed", { workflow: "none" })],
    ["USAGE", (world) => of("failed", { workflow: "work", definition: world.definition("fail", "ok") })],
    ["RESUME_FILE_DIFFERS", (world) => of("failed", { definition: world.definition("fail", "ok", "ok") })],
    ["RUN_ALREADY_ENDED", () => of("failed", { recovery: true })],
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
    ["RUN_QUEUE_FULL", () => of("limited-1", { from: ["n0"] })],
    ["WORKFLOW_UNKNOWN", () => of("done", { workflow: "none" })],
    ["USAGE", (world) => of("done", { workflow: "work", definition: world.definition("ok") })],
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
