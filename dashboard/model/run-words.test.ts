import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../src/engine/events.ts";
import type { Explanation } from "../../src/engine/explanation.ts";
import type { RunView } from "../api/shapes.ts";
import { createRunHistory } from "./run-history.ts";
import { type RunWords, runWords } from "./run-words.ts";

const ERROR = {
  code: "CALL_UNAVAILABLE",
  message: "fetch at localhost:50051 could not be reached: connection refused",
} as const;
const failed = (attempt: number): EventBody[] => [
  { type: "node.started", node_id: "fetch", attempt, idempotency_key: "r1/fetch/1", request: {} },
  { type: "node.attempt_failed", node_id: "fetch", attempt, outcome: "failed", error: ERROR, duration_ms: 1 },
];
const CREATED: EventBody = { type: "run.created", definition_hash: "sha256:1", params: {}, busbar_version: "0" };
const FAILED: EventBody[] = [
  ...[CREATED, { type: "run.started" } as const, ...failed(1), ...failed(2)],
  { type: "node.failed", node_id: "fetch", error: ERROR },
  { type: "node.skipped", node_id: "clean", reason: "upstream", because: "fetch" },
];
const CAUSE = { kind: "node", node_id: "fetch", error: ERROR } as const;

describe("the line under a run's name", () => {
  it("says of a failed run what failed, how often it was tried, what it affected and what to do", () => {
    const words = wordsOf([...FAILED, { type: "run.failed", duration_ms: 9 }], {
      ...{ reason: { kind: "ended" }, cause: CAUSE, next: "resume r1" },
    });
    assert.deepEqual(words, {
      status: "failed",
      cause: "fetch failed after 2 attempts: localhost:50051 could not be reached: connection refused.",
      consequence: "clean was skipped because of it.",
      remedy: "Check that the service runs and stays up; look at its log.",
      next: "resume r1",
      code: "CALL_UNAVAILABLE",
    });
  });

  it("says of a service that refused its input what it read, and who made that, and not where the service is", () => {
    const message = "reader at localhost:1 reported failure: Missing columns: voltage";
    const error = { code: "NODE_REPORTED_FAILURE", message } as const;
    const called = (node_id: string, input_file: string, output_file: string): EventBody => ({
      ...{ type: "node.started", node_id, attempt: 1, idempotency_key: "k" },
      request: { service: "reader", input_file, output_file },
    });
    const events: EventBody[] = [
      ...[CREATED, { type: "run.started" } as const, called("fetch", "in.csv", "a.csv")],
      { type: "node.succeeded", node_id: "fetch", attempt: 1, output: {}, duration_ms: 1 },
      called("clean", "a.csv", "b.csv"),
      { type: "node.attempt_failed", node_id: "clean", attempt: 1, outcome: "failed", error, duration_ms: 1 },
      { type: "node.failed", node_id: "clean", error },
    ];
    const words = wordsOf(events, { reason: { kind: "ended" }, cause: { kind: "node", node_id: "clean", error } });
    assert.equal(words?.cause, "clean failed: Missing columns: voltage.");
    assert.match(words?.remedy ?? "", / It reads `a\.csv`, which fetch has made\.$/);
  });

  it("says while others go on that they do, and not what would be refused now", () => {
    const other: EventBody = { type: "node.started", node_id: "other", attempt: 1, idempotency_key: "k", request: {} };
    const words = wordsOf([...FAILED, other], {
      ...{ reason: { kind: "under_way" }, cause: CAUSE, next: "watch r1" },
    });
    assert.equal(
      words?.consequence,
      "clean was skipped because of it. The other branches go on; resume when the run has ended.",
    );
    assert.equal(words?.status, "failed");
    assert.equal(words?.next, undefined);
  });

  it("says what the preflight did not find", () => {
    const finding = (service: string) =>
      ({ severity: "error", code: "SERVICE_UNREACHABLE", service, message: `${service} cannot be reached` }) as const;
    const words = wordsOf([CREATED, { type: "run.failed", duration_ms: 9 }], {
      ...{ reason: { kind: "ended" }, cause: { kind: "preflight", findings: [finding("a"), finding("b")] } },
      next: "resume r1",
    });
    assert.equal(words?.cause, "Preflight failed: a cannot be reached. 1 more thing is missing.");
    assert.equal(words?.code, "SERVICE_UNREACHABLE");
    assert.match(words?.remedy ?? "", /^Start the service/);
  });

  it("says who has cancelled it", () => {
    const words = wordsOf([CREATED, { type: "run.cancelled", duration_ms: 9 }], {
      ...{ reason: { kind: "ended" }, cause: { kind: "cancel", by: "anna", reason: "wrong week" }, next: "resume r1" },
    });
    assert.deepEqual(words, { status: "cancelled", cause: "Cancelled by anna: wrong week.", next: "resume r1" });
  });

  it("says of a run that nobody drives what nobody knows, and that a resume does nothing twice", () => {
    const words = wordsOf([CREATED, { type: "run.started" }, failed(1)[0] as EventBody], {
      ...{ reason: { kind: "interrupted" }, next: "resume r1" },
    });
    assert.equal(words?.status, "interrupted");
    assert.equal(words?.cause, "Nobody drives it: its process is gone.");
    assert.equal(words?.consequence, "fetch was under way, and nobody knows how that ended.");
    assert.match(words?.remedy ?? "", /not done again/);
  });

  it("has an icon for what holds a run up, and leaves the ids of nodes as they are", () => {
    const queued = wordsOf([CREATED], { reason: { kind: "queued", ahead: 1, limit: "server", max_runs: 2 } });
    assert.equal(queued?.status, "waiting");
    assert.equal(queued?.cause, "Waits for its turn: the server has 2 at once (--max-runs); 1 run is before it.");
    const running = wordsOf([CREATED, { type: "run.started" }, failed(1)[0] as EventBody], {
      reason: { kind: "under_way" },
    });
    assert.deepEqual(running, { status: "running", cause: "fetch is running." });
  });

  it("says why a node of a run that goes on is called again after a crash", () => {
    const lost = { type: "node.attempt_failed", node_id: "fetch", attempt: 1, outcome: "lost" } as const;
    const second = { ...(failed(2)[0] as EventBody), attempt: 2 } as EventBody;
    const words = wordsOf(
      [
        ...[CREATED, { type: "run.started" } as const, failed(1)[0] as EventBody],
        { ...lost, error: { code: "NODE_LOST", message: "lost" }, duration_ms: 1 },
        second,
      ],
      { reason: { kind: "under_way" } },
    );
    assert.equal(words?.cause, "fetch is running.");
    assert.equal(words?.consequence, "fetch is called again: the process that called before is gone.");
  });

  it("is not there for a run that has succeeded", () => {
    const words = wordsOf([CREATED, { type: "run.succeeded", duration_ms: 9 }], { reason: { kind: "ended" } });
    assert.equal(words, undefined);
  });
});

function wordsOf(bodies: readonly EventBody[], told: Partial<Explanation>): RunWords | undefined {
  const events = bodies.map(
    (body, index): RunEvent => ({
      ...{ seq: index + 1, at: "2026-11-26T10:00:00.000Z", run_id: "r1", epoch: 1 },
      ...body,
    }),
  );
  const explanation = { nodes: [], limits: [], called_again: [], ...told };
  const run = {
    ...{ run_id: "r1", workflow: "w", definition_hash: "sha256:1", explanation },
    nodes: [
      { id: "fetch", upstream: [] },
      { id: "clean", upstream: ["fetch"] },
      { id: "other", upstream: [] },
    ],
  } as unknown as RunView;
  return runWords(run, createRunHistory(run, events).stateAt(events.length));
}
