// What is asked of a run: each request is answered once, by whoever drives it then.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { AskedRequest } from "./requests.ts";
import { checkHistory } from "./rules.ts";

const cancel = (id: number): AskedRequest => ({ id, kind: "cancel", by: "ada" });
const asked = (...requests: readonly AskedRequest[]) =>
  requests.map((request) => ({ type: "asked", request }) as const);
const applied = (requestId: number, seq: number) => ({ requestId, answer: { kind: "applied", seq } });
const refused = (requestId: number, code: string, message: string) => ({
  requestId,
  answer: { kind: "refused", error: { code, message } },
});
const requestsIn = ({ events }: EngineRun): number =>
  events.filter(({ type }) => type === "run.cancel_requested").length;

describe("a request", () => {
  it("is answered once, however often and in whatever company it is brought", () => {
    const run = createEngineRun(workflowOf("a"));
    run.take(...asked(cancel(3), cancel(3)));
    run.take(...asked(cancel(3)));
    run.end("a", FAILED);
    run.take(...asked(cancel(3)));
    assert.deepEqual(run.answers, [applied(3, 4)]);
    assert.equal(requestsIn(run), 1);
  });

  it("that asks what was asked already is answered with the same event", () => {
    const run = createEngineRun(workflowOf("a; b > c"));
    run.take(...asked(cancel(1)));
    run.end("b", FAILED);
    run.take(...asked(cancel(2)));
    const seq = run.events.find(({ type }) => type === "run.cancel_requested")?.seq ?? 0;
    assert.deepEqual(run.answers, [applied(1, seq), applied(2, seq)]);
    assert.equal(requestsIn(run), 1);
  });

  it("of a kind that this version does not know is refused, and changes nothing", () => {
    const run = createEngineRun(workflowOf("a"));
    run.take(...asked({ id: 1, kind: "approve", by: "later" }));
    assert.deepEqual(run.answers, [refused(1, "REQUEST_UNKNOWN", "run run-1 cannot be asked to approve")]);
    assert.deepEqual(statuses(run.state), { a: "running" });
    assert.equal(requestsIn(run), 0);
  });

  it("to a run that has ended is refused, whatever it asks", () => {
    const run = createEngineRun(workflowOf("a"));
    run.end("a", "ok");
    run.take(...asked(cancel(1), { id: 2, kind: "approve", by: "later" }));
    const message = "run run-1 has ended: succeeded";
    assert.deepEqual(
      run.answers,
      [1, 2].map((id) => refused(id, "RUN_ALREADY_ENDED", message)),
    );
  });

  it("that comes with the outcome which ends the run is answered in the same step", () => {
    const run = createEngineRun(workflowOf("a"));
    run.take(
      { type: "ended", nodeId: "a", attempt: 1, outcome: { outcome: "succeeded", output: null } },
      ...asked(cancel(1)),
    );
    assert.deepEqual(run.answers, [applied(1, 5)]);
    assert.equal(run.state.status, "succeeded");
  });
});

describe("a resume", () => {
  it("refuses what was asked before it, and answers no older request again", () => {
    const run = createEngineRun(workflowOf("a"));
    run.begin({ kind: "resumed", by: "test", requests: [cancel(2), cancel(3)], lastRequestId: 5 });
    const message = "run run-1 was resumed after this was asked";
    const first = [2, 3].map((id) => refused(id, "REQUEST_SUPERSEDED", message));
    assert.deepEqual(run.answers, first);
    run.take(...asked(cancel(2), cancel(1), cancel(5)));
    assert.deepEqual(run.answers, first);
    assert.deepEqual(statuses(run.state), { a: "running" });
    run.take(...asked(cancel(6)));
    assert.equal(run.answers.at(-1)?.requestId, 6);
    assert.equal(requestsIn(run), 1);
  });

  it("does not answer again what it refused, where nothing older is known", () => {
    const run = createEngineRun(workflowOf("a"));
    run.begin({ kind: "resumed", by: "test", requests: [cancel(2)], lastRequestId: 0 });
    run.take(...asked(cancel(2)));
    assert.equal(run.answers.length, 1);
  });
});

describe("a takeover for a request", () => {
  it("answers it and all others that wait, and ends the run", () => {
    const run = createEngineRun(workflowOf("a > b"));
    const approve = { id: 1, kind: "approve", by: "later" };
    run.begin({ kind: "taken_over", requests: [approve, cancel(2), cancel(4)], lastRequestId: 6 });
    const seq = run.events.find(({ type }) => type === "run.cancel_requested")?.seq ?? 0;
    assert.deepEqual(run.answers, [
      refused(1, "REQUEST_UNKNOWN", "run run-1 cannot be asked to approve"),
      applied(2, seq),
      applied(4, seq),
    ]);
    assert.deepEqual(statuses(run.state), { a: "cancelled", b: "skipped" });
    assert.equal(run.state.status, "cancelled");
    run.take(...asked(cancel(5), cancel(6)));
    assert.equal(run.answers.length, 3);
    assert.deepEqual(
      checkHistory(run.events, () => run.state.workflow),
      [],
    );
  });

  it("records the cancel again where the last owner had: that makes the run ours", () => {
    const run = createEngineRun(workflowOf("a"));
    run.cancel();
    const before = run.events.length;
    run.begin({ kind: "taken_over", requests: [cancel(2)], lastRequestId: 2 });
    const [first] = run.events.slice(before);
    assert.deepEqual([first?.type, first?.epoch], ["run.cancel_requested", 2]);
    assert.deepEqual(run.answers.at(-1), applied(2, before + 1));
    assert.equal(run.state.status, "cancelled");
  });

  it("needs no preflight, whoever asks for one", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    run.begin({ kind: "taken_over", requests: [cancel(1)], lastRequestId: 1 });
    assert.equal(run.commands.filter(({ type }) => type === "check").length, 1);
    assert.equal(run.state.status, "cancelled");
  });
});
