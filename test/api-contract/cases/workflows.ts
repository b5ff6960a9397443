import type { Cases } from "../cases.ts";
import type { World } from "../world.ts";

const TOO_LARGE = "#".repeat(33 * 1024 * 1024);
const OTHER = `sha256:${"0".repeat(64)}`;

const stored = (world: World) => ({ ...world.definition("ok") });
const put = (world: World) => ({ path: { name: "work" }, body: world.definition("ok", "ok") });

export const WORKFLOW_CASES: Cases = {
  storeWorkflow: [
    [201, (world) => ({ body: stored(world) })],
    [200, (world) => ({ body: stored(world) })],
    ["WORKFLOW_CHANGED", (world) => ({ body: { ...stored(world), replaces: null } })],
    ["WORKFLOW_TOO_LARGE", () => ({ body: { format: "yaml", text: TOO_LARGE } })],
    ["USAGE", () => ({ body: { format: "json", text: "\ud800" } })],
    [422, () => ({ body: { format: "json", text: "{" } })],
  ],
  putWorkflow: [
    [200, put],
    [201, (world) => ({ path: { name: "more" }, body: renamed(world, "more") })],
    ["WORKFLOW_CHANGED", (world) => ({ ...put(world), body: { ...stored(world), replaces: OTHER } })],
    ["WORKFLOW_TOO_LARGE", (world) => ({ ...put(world), body: { format: "yaml", text: TOO_LARGE } })],
    ["USAGE", (world) => ({ path: { name: "other" }, body: stored(world) })],
    [422, (world) => ({ ...put(world), body: { format: "json", text: "{" } })],
  ],
  listWorkflows: [[200, () => ({})]],
  getWorkflow: [
    [200, () => ({ path: { name: "work" } })],
    ["WORKFLOW_UNKNOWN", () => ({})],
  ],
  getWorkflowVersion: [
    [200, async (world) => ({ path: { name: "work", definition_hash: await hashOf(world) } })],
    ["WORKFLOW_UNKNOWN", () => ({ path: { name: "work", definition_hash: OTHER } })],
  ],
  getWorkflowStats: [
    [200, () => ({ path: { name: "work" } })],
    ["WORKFLOW_UNKNOWN", () => ({})],
  ],
};

function renamed(world: World, name: string) {
  const { format, text } = world.definition("ok");
  return { format, text: text.replace('"work"', JSON.stringify(name)) };
}

async function hashOf(world: World): Promise<string> {
  const { text } = await world.send({ method: "GET", path: "/api/v1/workflows/work" }, {});
  return JSON.parse(text).definition_hash;
}
