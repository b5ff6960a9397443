import type { Cases } from "../cases.ts";

const done = { path: { run_id: "done" } };

export const RUN_CASES: Cases = {
  listRuns: [
    [
      200,
      async (world) => {
        await world.run("done", "ok", "ok");
        await world.run("failed", "ok", "fail", "ok");
        return { query: { limit: 1 } };
      },
    ],
    ["USAGE", () => ({ query: { before: "nonsense" } })],
  ],
  countRuns: [[200, () => ({})]],
  getRun: [[200, () => ({ path: { run_id: "failed" } })]],
  getRunGraph: [[200, () => ({ path: { run_id: "failed" } })]],
  explainRun: [[200, () => ({ path: { run_id: "failed" } })]],
  resolveRun: [
    [200, () => ({ query: { run: "don" } })],
    ["RUN_NOT_FOUND", () => ({ query: { run: "none" } })],
    [
      "RUN_AMBIGUOUS",
      async (world) => {
        await world.run("done-too", "ok");
        return { query: { run: "don" } };
      },
    ],
    ["REQUEST_INVALID", () => ({})],
  ],
  listEvents: [
    ["200 application/json", () => ({ ...done, query: { limit: 2 } })],
    ["200 text/event-stream", () => ({ ...done, headers: { accept: "text/event-stream" } })],
    ["USAGE", () => ({ ...done, headers: { "last-event-id": "other:1" } })],
  ],
  readFeed: [
    ["200 application/json", () => ({})],
    ["200 text/event-stream", () => ({ headers: { accept: "text/event-stream" } })],
    ["USAGE", () => ({ query: { after: "nonsense" } })],
  ],
  waitForRun: [[200, () => done]],
  readLogs: [
    ["200 application/json", () => done],
    ["200 text/event-stream", () => ({ ...done, headers: { accept: "text/event-stream" } })],
  ],
};
