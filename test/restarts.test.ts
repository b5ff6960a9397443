// Runs whose service restarts all the time: every attempt has its outcome, and is made once.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkHistory } from "../src/engine/rules.ts";
import { openBusbar, type RunEvent } from "../src/index.ts";
import { workflowOf } from "../src/testing/index.ts";
import { startRestarting } from "./restarts/restarting.ts";

const SEED = Number(process.env.BUSBAR_SEED ?? 1);
const LAYERS = 4;
const WIDTH = 12;
const LOAD_MS = 4000;

/** Layers of nodes, each after all of the layer before. */
const literal = Array.from({ length: LAYERS }, (_, layer) =>
  Array.from({ length: WIDTH }, (_, nth) => `n${layer}-${nth}`).join(", "),
).join(" > ");

/** What is wrong with the attempts of a run, by its history and by what the server saw. */
function findFaults(events: readonly RunEvent[], seen: ReadonlyMap<string, number>): readonly string[] {
  const faults = checkHistory(events).map(({ rule, seq, message }) => `rule ${rule}, seq ${seq}: ${message}`);
  const known = new Set<string>();
  for (const event of events) {
    if (event.type !== "node.started") continue;
    const call = `${event.idempotency_key} ${event.attempt}`;
    known.add(call);
    const outcomes = events.filter(
      (one) =>
        (one.type === "node.succeeded" || one.type === "node.attempt_failed") &&
        one.node_id === event.node_id &&
        one.attempt === event.attempt,
    );
    if (outcomes.length !== 1) faults.push(`${call} has ${outcomes.length} outcomes`);
    const [outcome] = outcomes;
    const times = seen.get(call) ?? 0;
    if (event.idempotency_key !== `${event.run_id}/${event.node_id}/1`) faults.push(`${call} has another key`);
    if (times > 1) faults.push(`${call} reached the service ${times} times`);
    if (outcome?.type === "node.succeeded" && times !== 1)
      faults.push(`${call} succeeded, and was seen ${times} times`);
    if (outcome?.type === "node.attempt_failed" && outcome.error.status !== "UNAVAILABLE") {
      faults.push(`${call} failed otherwise: ${outcome.error.message}`);
    }
  }
  for (const call of seen.keys()) {
    if (call.startsWith(`${events[0]?.run_id}/`) && !known.has(call))
      faults.push(`${call} was never recorded as started`);
  }
  return faults;
}

describe("runs whose service restarts every 50 ms, and is killed now and then", () => {
  it(`have an outcome for every attempt, none of which was made twice (E2-E4, E8; seed ${SEED})`, {
    timeout: 60_000,
  }, async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-restarts-"));
    const server = await startRestarting(SEED);
    const busbar = await openBusbar({ stateDir: join(folder, "state") });
    const { definition } = workflowOf(literal, {
      services: { service: server.address },
      onFailure: "continue",
      retry: { maxAttempts: 100, initialBackoffMs: 5, backoffMultiplier: 1.5, maxBackoffMs: 50 },
    });
    const histories: (readonly RunEvent[])[] = [];
    const until = performance.now() + LOAD_MS;
    // Two lanes of runs, each of up to a layer of calls at once.
    const lanes = [0, 1].map(async () => {
      while (performance.now() < until) {
        const { runId } = await busbar.start({ definition });
        await busbar.wait(runId);
        histories.push(await busbar.events(runId));
      }
    });
    await Promise.all(lanes);
    await busbar.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });

    assert.deepEqual(
      histories.flatMap((events) => findFaults(events, server.seen)),
      [],
    );
    const { restarts, kills } = server.counts;
    const failed = histories.flat().filter(({ type }) => type === "node.attempt_failed").length;
    const ends = histories.map((events) => events.at(-1)?.type);
    test.diagnostic(
      `${histories.length} runs, ${server.seen.size} attempts seen, ${failed} failed, ${restarts} restarts, ${kills} kills`,
    );
    assert.deepEqual([...new Set(ends)], ["run.succeeded"]);
    assert.ok(failed > 0 && restarts > 10 && kills > 0, `${failed} failed, ${restarts} restarts, ${kills} kills`);
  });
});
