import type { Cases } from "../cases.ts";

const made = { path: { run_id: "made", node_id: "n0" } };

/** What nodes have made, the services that are called, and the server itself. */
export const THING_CASES: Cases = {
  readArtifact: [
    [
      "ARTIFACT_NOT_FOUND",
      async (world) => {
        await world.run("made", "ok");
        return made;
      },
    ],
    [
      200,
      (world) => {
        world.writeOutput("made by it");
        return made;
      },
    ],
    [206, () => ({ ...made, headers: { range: "bytes=0-3" } })],
    [304, () => ({ ...made, headers: { "if-none-match": "*" } })],
    [416, () => ({ ...made, headers: { range: "bytes=100-" } })],
    ["ARTIFACT_NO_ROWS", () => ({ ...made, query: { rows: "1-2" } })],
    ["REQUEST_INVALID", () => ({ ...made, query: { rows: "2-1" } })],
    [
      "ARTIFACT_REFUSED",
      (world) => {
        world.writeOutput(undefined);
        return made;
      },
    ],
  ],
  listServices: [[200, () => ({})]],
  probeServices: [
    [200, () => ({ body: {} })],
    ["ADDRESS_NOT_NAMED", () => ({ body: { address: "localhost:1" } })],
  ],
  getSystem: [[200, () => ({})]],
};
