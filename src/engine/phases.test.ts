// What stands before the first start of an owner, sweep and preflight, and what ends a run from above: cancel and its
// own timeout.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createEngineRun,
  type EngineRun,
  type EngineRunOptions,
  FAILED,
  statuses,
  UNAVAILABLE,
} from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { RunEvent } from "./events.ts";
import type { Finding } from "./finding.ts";
import type { Ability } from "./machine.ts";
import type { Outcome } from "./outcome.ts";
import { checkHistory } from "./rules.ts";

const CANCELLED: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };
const ABLE: Ability = { recover: true, sweep: true, release: false };
const FINDING: Finding = {
  severity: "error",
  code: "SERVICE_UNREACHABLE",
  service: "one",
  address: "localhost:1",
  message: "one at localhost:1 refuses the connection",
};

const typesOf = (events: readonly RunEvent[]): string[] =>
  events.map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));

/** What happens from now on. */
function follow(run: EngineRun): { events(): string[]; commands(): string[] } {
  let [seen, done] = [run.events.length, run.commands.length];
  return {
    events() {
      const news = typesOf(run.events.slice(seen));
      seen = run.events.length;
      return news;
    },
    commands() {
      const news = run.commands.slice(done);
      done = run.commands.length;
      return news.map((one) => ("nodeId" in one ? `${one.type} ${one.nodeId}` : one.type));
    },
  };
}

/** A run whose first nodes are under way, left by its owner and resumed by one that can sweep and recover. */
function inherited(literal: string, options: Partial<Ability> & EngineRunOptions = {}, totalTimeoutMs?: number) {
  const { recover, sweep, ...rest } = options;
  const grpc: Ability = {
    ...ABLE,
    ...(recover === undefined ? {} : { recover }),
    ...(sweep !== undefined && { sweep }),
  };
  const run = createEngineRun(workflowOf(literal, totalTimeoutMs === undefined ? {} : { totalTimeoutMs }), {
    ...rest,
    abilities: { grpc },
  });
  if (rest.preflight === true) run.take({ type: "checked", findings: [] });
  const since = follow(run);
  run.resume();
  return { run, since };
}

const swept = { type: "swept" } as const;
const checked = (...findings: readonly Finding[]) => ({ type: "checked", findings }) as const;

describe("preflight", () => {
  it("stands before everything, and is recorded only where it found something", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    assert.deepEqual([typesOf(run.events), run.commands], [["run.created"], [{ type: "check" }]]);
    const since = follow(run);
    run.take(checked());
    assert.deepEqual(since.events(), ["run.started", "node.started a"]);
    assert.deepEqual(run.state.findings, []);
  });

  it("lets a warning pass, and keeps it", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    const since = follow(run);
    const warning: Finding = { ...FINDING, severity: "warning" };
    run.take(checked(warning));
    assert.deepEqual(since.events(), ["run.checked", "run.started", "node.started a"]);
    assert.deepEqual(run.state.findings, [warning]);
  });

  it("fails the run over an error, with its words and all findings, and no event of a node", () => {
    const run = createEngineRun(workflowOf("a > b"), { preflight: true });
    const since = follow(run);
    const warning: Finding = { ...FINDING, severity: "warning", message: "old" };
    run.advance(7);
    run.take(checked(warning, FINDING));
    assert.deepEqual(since.events(), ["run.checked", "run.failed"]);
    assert.deepEqual(run.state.error, {
      code: FINDING.code,
      message: FINDING.message,
      details: { findings: [warning, FINDING] },
    });
    assert.equal(run.state.durationMs, 7);
    assert.deepEqual(statuses(run.state), { a: "pending", b: "pending" });
  });

  it("names each service once where several are not ready, and says things where they are not all services", () => {
    const messageOf = (...findings: readonly Finding[]): string | undefined => {
      const run = createEngineRun(workflowOf("a"), { preflight: true });
      run.take(checked(...findings));
      return run.state.error?.message;
    };
    const { service: _, ...ofNode } = { ...FINDING, node: "a" };
    const { node: __, ...ofNothing } = ofNode;
    assert.equal(messageOf(FINDING, FINDING, { ...FINDING, service: "two" }), "2 services are not ready: one, two");
    assert.equal(messageOf(FINDING, ofNode), "2 things are not ready: one, a");
    assert.equal(messageOf(FINDING, ofNothing), "2 things are not ready: one, ");
  });

  it("is heard once, and not where nobody asked for it", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    run.take(checked());
    const since = follow(run);
    run.take(checked(FINDING));
    assert.deepEqual(since.events(), []);
  });

  it("starts no run that is taken over to be cancelled, or whose time ends before its sweep does", () => {
    const request = { id: 1, kind: "cancel", by: "ada" };
    for (const sweep of [false, true]) {
      const grpc = { ...ABLE, sweep };
      const run = createEngineRun(workflowOf("a"), { abilities: { grpc }, preflight: true });
      run.begin({ kind: "taken_over", requests: [request], lastRequestId: 1 });
      if (sweep) run.take(swept);
      assert.deepEqual(typesOf(run.events).slice(1), ["run.cancel_requested", "node.skipped a", "run.cancelled"]);
    }
    const late = createEngineRun(workflowOf("a", { totalTimeoutMs: 5000 }), {
      abilities: { grpc: ABLE },
      preflight: true,
    });
    late.resume();
    late.stop();
    late.take(swept);
    assert.deepEqual(typesOf(late.events).slice(1), ["run.resumed", "node.skipped a", "run.failed"]);
  });

  it("is called off by a cancel, which ends the run at once; what it finds then is not heard", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    const since = follow(run);
    run.cancel();
    assert.deepEqual(since.events(), ["run.cancel_requested", "node.skipped a", "run.cancelled"]);
    assert.deepEqual(since.commands(), ["uncheck"]);
    assert.deepEqual(run.machine.phase, { name: "driving" });
    run.take(checked(FINDING));
    assert.deepEqual(since.events(), []);
    const driving = createEngineRun(workflowOf("a"));
    driving.cancel();
    assert.ok(!driving.commands.some(({ type }) => type === "uncheck"));
  });

  it("is made again by whoever resumes the run, which keeps what it found no longer", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    run.take(checked(FINDING));
    const since = follow(run);
    run.resume();
    assert.deepEqual([since.events(), since.commands()], [["run.resumed"], ["check"]]);
    assert.deepEqual(run.state.findings, []);
    run.take(checked());
    assert.deepEqual(since.events(), ["run.started", "node.started a"]);
  });
});

describe("a preflight that fails while attempts of the last owner go on", () => {
  const refused = (literal: string) => {
    const found = inherited(literal, { sweep: false, preflight: true });
    found.run.take(checked(FINDING));
    assert.deepEqual(found.since.events(), ["run.resumed", "run.checked"]);
    assert.equal(found.run.state.status, "running");
    return found;
  };

  it("fails the run when they have ended, and starts nothing more", () => {
    const { run, since } = refused("a > b; c");
    run.end("a", "ok");
    assert.deepEqual(since.events(), ["node.succeeded a"]);
    run.advance(3);
    run.end("c", "ok");
    assert.deepEqual(since.events(), ["node.succeeded c", "run.failed"]);
    assert.deepEqual([run.state.error?.code, run.state.durationMs], [FINDING.code, 3]);
    assert.deepEqual(
      checkHistory(run.events, () => run.state.workflow),
      [],
    );
  });

  it("fails the run also where they are gone: they are not made again", () => {
    const { run, since } = refused("a");
    run.end("a", "lost");
    assert.deepEqual(since.events(), ["node.attempt_failed a", "run.failed"]);
    assert.deepEqual(statuses(run.state), { a: "pending" });
    assert.equal(run.state.error?.code, FINDING.code);
  });

  it("does not fail a run of which they were the last", () => {
    const { run } = refused("a");
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
    const end = run.events.at(-1);
    assert.ok(end?.type === "run.succeeded");
  });

  it("gives way to a cancel", () => {
    const { run, since } = refused("a > b");
    run.cancel();
    assert.deepEqual(since.events(), ["run.cancel_requested", "node.skipped b"]);
    run.end("a", CANCELLED);
    assert.equal(run.state.status, "cancelled");
  });
});

describe("a sweep (X7)", () => {
  it("stands before preflight and before the first start; recover comes between", () => {
    const { run, since } = inherited("a > b; c", { preflight: true });
    assert.deepEqual([since.events(), since.commands()], [["run.resumed"], ["sweep"]]);
    assert.deepEqual(run.commands.at(-1), {
      type: "sweep",
      outstanding: [
        { nodeId: "a", attempt: 1 },
        { nodeId: "c", attempt: 1 },
      ],
    });
    run.take(swept);
    assert.deepEqual([since.events(), since.commands()], [[], ["recover a", "recover c", "check"]]);
    run.end("a", "ok");
    run.end("c", "lost");
    assert.deepEqual(since.events(), ["node.succeeded a", "node.attempt_failed c"]);
    run.take(checked());
    assert.deepEqual(since.events(), ["node.started b", "node.started c"]);
  });

  it("is not waited for by a new run, nor where no executor has one", () => {
    const run = createEngineRun(workflowOf("a"), { abilities: { grpc: ABLE } });
    assert.deepEqual(typesOf(run.events), ["run.created", "run.started", "node.started a"]);
    const { since } = inherited("a", { sweep: false, recover: false });
    assert.deepEqual(since.events(), ["run.resumed", "node.attempt_failed a", "node.started a"]);
    assert.deepEqual(since.commands(), ["disarm", "execute a"]);
  });

  it("holds up the end of the run: whoever resumed it then would lose new work", () => {
    const { run, since } = inherited("a", { recover: false });
    run.cancel();
    assert.deepEqual(since.events(), [
      "run.resumed",
      "node.attempt_failed a",
      "run.cancel_requested",
      "node.skipped a",
    ]);
    assert.equal(run.state.status, "running");
    run.take(swept);
    assert.deepEqual(since.events(), ["run.cancelled"]);
  });

  it("is followed by no preflight and no start where the run is cancelled meanwhile", () => {
    const run = createEngineRun(workflowOf("a"), { abilities: { grpc: ABLE }, preflight: true });
    const since = follow(run);
    run.resume();
    run.cancel();
    run.take(swept);
    assert.deepEqual(since.commands(), ["sweep"]);
    assert.deepEqual(since.events(), ["run.resumed", "run.cancel_requested", "node.skipped a", "run.cancelled"]);
  });

  it("lets what was left be asked after before it is aborted, where the run is cancelled meanwhile", () => {
    const { run, since } = inherited("a");
    run.cancel();
    assert.deepEqual(since.commands(), ["sweep"]);
    run.take(swept);
    assert.deepEqual(since.commands(), ["recover a", "abort a"]);
    assert.deepEqual(run.commands.at(-1), { type: "abort", nodeId: "a", attempt: 1, cause: "cancel" });
    run.end("a", CANCELLED);
    assert.deepEqual(statuses(run.state), { a: "cancelled" });
    assert.equal(run.state.status, "cancelled");
  });

  it("is heard once", () => {
    const { run, since } = inherited("a");
    run.take(swept);
    since.commands();
    run.take(swept);
    assert.deepEqual(since.commands(), []);
  });
});

describe("the run's own total timeout", () => {
  const message = "the run took longer than its total_timeout_seconds of 5 s";
  const timed = (literal: string, more: Parameters<typeof workflowOf>[1] = {}) =>
    createEngineRun(workflowOf(literal, { totalTimeoutMs: 5000, ...more }));

  it("is armed at once, and anew by whoever resumes the run", () => {
    const arm = { type: "arm", timer: { of: "run" }, ms: 5000 };
    const run = timed("a > b");
    assert.deepEqual(run.commands[0], arm);
    run.end("a", FAILED);
    run.resume();
    assert.equal(run.commands.filter((one) => JSON.stringify(one) === JSON.stringify(arm)).length, 2);
    const untimed = createEngineRun(workflowOf("a"));
    assert.ok(!untimed.commands.some(({ type }) => type === "arm"));
  });

  it("aborts what is under way, skips the rest, and says so of both", () => {
    const run = timed("a > b", { onFailure: "continue" });
    const since = follow(run);
    run.advance(5000);
    run.stop();
    assert.deepEqual([since.events(), since.commands()], [["node.skipped b"], ["abort a"]]);
    assert.deepEqual(run.commands.at(-1), { type: "abort", nodeId: "a", attempt: 1, cause: "run_timeout" });
    run.end("a", CANCELLED);
    assert.deepEqual(since.events(), ["node.attempt_failed a", "node.failed a", "run.failed"]);
    const node = run.state.nodes.get("a");
    assert.equal(node?.attempts[0]?.outcome, "timed_out");
    assert.equal(node?.error?.code, "RUN_TIMED_OUT");
    assert.equal(node?.error?.message, "a was ended because the run took longer than its total_timeout_seconds");
    assert.deepEqual(run.state.error, { code: "RUN_TIMED_OUT", message });
    assert.equal(run.state.durationMs, 5000);
  });

  it("comes once, and not after a cancel", () => {
    const run = timed("a");
    run.stop();
    const since = follow(run);
    run.stop();
    assert.deepEqual([since.events(), since.commands()], [[], []]);
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
    const cancelled = timed("a > b");
    cancelled.cancel();
    const later = follow(cancelled);
    cancelled.stop();
    assert.deepEqual([later.events(), later.commands()], [[], []]);
    cancelled.end("a", FAILED);
    assert.equal(cancelled.state.error?.code, "RUN_CANCELLED");
  });

  it("leaves nothing to try again: neither what fails of itself, nor what is lost", () => {
    const again = UNAVAILABLE;
    const failing = timed("a", { onFailure: "continue" });
    failing.stop();
    failing.end("a", again);
    assert.deepEqual(statuses(failing.state), { a: "failed" });
    const { run, since } = inherited("a", { sweep: false }, 5000);
    run.stop();
    run.end("a", "lost");
    assert.deepEqual(since.events(), ["run.resumed", "node.attempt_failed a", "node.failed a", "run.failed"]);
    assert.equal(run.state.error?.code, "RUN_TIMED_OUT");
  });

  it("says that it was preflight that took so long", () => {
    const run = createEngineRun(workflowOf("a", { totalTimeoutMs: 5000 }), { preflight: true });
    const since = follow(run);
    run.stop();
    assert.deepEqual(run.state.error, { code: "SERVICE_CHECK_TIMED_OUT", message });
    assert.deepEqual([since.events(), since.commands()], [["node.skipped a", "run.failed"], ["uncheck"]]);
  });

  it("does not end a run before its sweep has ended", () => {
    const { run, since } = inherited("a", { recover: false }, 5000);
    run.stop();
    assert.equal(run.state.status, "running");
    run.take(swept);
    assert.equal(since.events().at(-1), "run.failed");
    assert.equal(run.state.error?.code, "RUN_TIMED_OUT");
  });

  it("stays the reason for which an attempt is ended, also where a cancel follows", () => {
    const run = timed("a");
    run.stop();
    run.cancel();
    assert.deepEqual(run.commands.at(-1), { type: "abort", nodeId: "a", attempt: 1, cause: "run_timeout" });
    run.end("a", CANCELLED);
    assert.equal(run.state.nodes.get("a")?.attempts[0]?.outcome, "timed_out");
    assert.equal(run.state.status, "cancelled");
  });
});
