// `busbar serve`, killed again and again under runs that go on and runs that wait for their turn.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { checkHistory } from "../../src/engine/rules.ts";
import type { RunEvent } from "../../src/index.ts";
import { until } from "../../src/testing/until.ts";
import { type Cli, createCli } from "../cli/harness.ts";
import { type ServerProcess, startServer } from "../serve/server-process.ts";

const LIVE = 20;
const QUEUED = 20;

interface OpenCall {
  readonly runId: string;
  readonly key: string;
  answer(): void;
}

interface PlannedRun {
  readonly runId: string;
  readonly priority: number;
}

/** The first ones find a free place; the others wait, and do not stand in the order in which they were made. */
const RUNS: readonly PlannedRun[] = Array.from({ length: LIVE + QUEUED }, (_, index) => ({
  runId: `r${String(index).padStart(2, "0")}`,
  priority: ((index * 7) % 5) - 2,
}));
const FIRST = RUNS.slice(0, LIVE).map(({ runId }) => runId);
const WAITING = RUNS.slice(LIVE)
  .toSorted((a, b) => b.priority - a.priority)
  .map(({ runId }) => runId);

describe("busbar serve that is killed", () => {
  let cli: Cli;
  let address: string;
  /** Calls that have not been answered, of processes that live. */
  let open: OpenCall[];
  /** Runs in the order of their first calls. Those that wait begin one by one, each when another has ended. */
  let begun: string[];
  /** By key. */
  let answered: Map<string, number>;

  beforeEach(async () => {
    cli = createCli();
    [open, begun, answered] = [[], [], new Map()];
    const service = await cli.serve("counting", async (_, { runId = "", idempotencyKey: key = "", signal }) => {
      if (!begun.includes(runId)) begun.push(runId);
      await new Promise<void>((resolve) => {
        const call: OpenCall = { runId, key, answer: resolve };
        open.push(call);
        const leave = (): void => {
          open = open.filter((one) => one !== call);
          resolve();
        };
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      });
      return key;
    });
    address = service.address;
  });
  afterEach(() => cli.close());

  const definition = () => ({
    format: "json",
    text: JSON.stringify({
      workflow_name: "pair",
      service_registry: { a: address, b: address },
      containers: {
        a: { input_file: "x", output_file: "y", next_node: "b", timeout_seconds: 600 },
        b: { input_file: "y", output_file: "z", timeout_seconds: 600 },
      },
      start_node: "a",
    }),
  });

  const openRuns = (): string[] => open.map(({ runId }) => runId).toSorted();

  /** Answers the run's call, and waits for what follows: its next call, or its end and the start of another run. */
  async function answer(server: ServerProcess, runId: string): Promise<void> {
    const call = open.find((one) => one.runId === runId) ?? assert.fail(`${runId} has no call`);
    const isLast = call.key.includes("/b/");
    open = open.filter((one) => one !== call);
    answered.set(call.key, (answered.get(call.key) ?? 0) + 1);
    call.answer();
    if (!isLast) return until(() => open.some((one) => one.runId === runId));
    await until(async () => (await server.call("GET", `/runs/${runId}`)).body.status === "succeeded");
    const left = RUNS.length - [...answered.keys()].filter((key) => key.includes("/b/")).length;
    await until(() => open.length === Math.min(LIVE, left));
  }

  async function finish(server: ServerProcess, runId: string): Promise<void> {
    if (!answered.has(`${runId}/a/1`)) await answer(server, runId);
    await answer(server, runId);
  }

  async function killAndRestart(server: ServerProcess): Promise<ServerProcess> {
    await server.stop("SIGKILL");
    await until(() => open.length === 0);
    const next = await startServer(cli, { args: ["--max-runs", String(LIVE)] });
    await until(() => open.length === LIVE);
    return next;
  }

  async function pending(server: ServerProcess): Promise<readonly string[]> {
    const { body } = await server.call("GET", "/runs?status=pending&limit=100");
    return body.runs.map((run: { run_id: string }) => run.run_id).toSorted();
  }

  it(`takes up ${LIVE} runs and ${QUEUED} that wait, three times, and finishes all of them in order`, {
    timeout: 240_000,
  }, async () => {
    let server = await startServer(cli, { args: ["--max-runs", String(LIVE)] });
    for (const { runId, priority } of RUNS) {
      const { status } = await server.call("POST", "/runs", { definition: definition(), run_id: runId, priority });
      assert.equal(status, 201);
    }
    await until(() => open.length === LIVE);
    assert.deepEqual([openRuns(), await pending(server)], [FIRST, WAITING.toSorted()]);

    server = await killAndRestart(server);
    assert.deepEqual([openRuns(), await pending(server)], [FIRST, WAITING.toSorted()], "nobody overtakes");
    for (const runId of FIRST.slice(0, 5)) await answer(server, runId);

    server = await killAndRestart(server);
    assert.deepEqual(openRuns(), FIRST);
    for (const runId of FIRST.slice(3, 6)) await finish(server, runId);
    const before = openRuns();

    server = await killAndRestart(server);
    assert.deepEqual(openRuns(), before);
    while (open.length > 0) await finish(server, openRuns()[0] ?? "");

    for (const { runId } of RUNS) {
      const { events } = (await server.call("GET", `/runs/${runId}/events?limit=500`)).body as {
        readonly events: readonly RunEvent[];
      };
      assert.equal(events.at(-1)?.type, "run.succeeded", runId);
      assert.deepEqual(checkHistory(events), [], runId);
    }
    assert.deepEqual(begun.slice(LIVE), WAITING);
    const keys = RUNS.flatMap(({ runId }) => [`${runId}/a/1`, `${runId}/b/1`]);
    assert.deepEqual([...answered].toSorted(), keys.map((key) => [key, 1]).toSorted(), "nothing was done twice");
    assert.equal((await server.stop("SIGTERM")).code, 0);
  });

  it("leaves a run that was taken up three times in vain to whoever asks for it, and says so", {
    timeout: 120_000,
  }, async () => {
    let server = await startServer(cli);
    await server.call("POST", "/runs", { definition: definition(), run_id: "poison" });
    for (let times = 0; times < 4; times += 1) {
      await until(() => open.length === 1);
      await server.stop("SIGKILL");
      await until(() => open.length === 0);
      server = await startServer(cli);
    }
    await server.running.shows("run poison is left interrupted: RECOVERED_IN_VAIN: run poison was taken over 3 times");
    const { body } = await server.call("GET", "/runs/poison/explain");
    assert.deepEqual([body.reason, body.next], [{ kind: "interrupted", recoveries: 3 }, "resume poison"]);
    assert.equal((await server.call("POST", "/runs/poison/resume", {})).status, 200);
    for (const key of ["poison/a/1", "poison/b/1"]) {
      await until(() => open.some((one) => one.key === key));
      open.find((one) => one.key === key)?.answer();
      open = [];
    }
    assert.equal((await server.call("GET", "/runs/poison/wait")).body.end.type, "run.succeeded");
    assert.equal((await server.stop("SIGTERM")).code, 0);
  });
});
