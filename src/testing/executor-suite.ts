import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ERRORS } from "../kernel/error-table.ts";
import { type Attempt, type Executor, LEAVE, type Outcome } from "../ports/executor.ts";
import { until } from "./until.ts";

/** An executor, and attempts that its surroundings make go one way or another. */
export interface ExecutorHarness {
  readonly executor: Executor;
  /**
   * - `succeeds`, `fails`: the peer does the work, or says that it could not
   * - `hangs`: the peer takes the work and never ends
   * - `unreachable`: there is no peer
   */
  attempt(kind: AttemptKind, changes?: Partial<Attempt>): Attempt;
  /** How often peers were asked to do work, all together. */
  asked(): number;
  /** Resolves once a peer has been asked to do work that `hangs`: this, where one is given. */
  hanging(attempt?: Attempt): Promise<void>;
  /** How many attempts still have work at their peers, going on or done; where the executor keeps any (X6). */
  kept?(): Promise<number>;
  dispose(): Promise<void>;
}

/** How an attempt goes, see {@link ExecutorHarness}. */
export type AttemptKind = "succeeds" | "fails" | "hangs" | "unreachable";

/** X3: how long an executor may take to settle after an abort. */
const SETTLES_WITHIN_MS = 5000;
/** A limit of an attempt that is not meant to be reached, and of a test in which containers are made and removed. */
const AMPLE_MS = 60_000;

/** The contract of the Executor port, X1-X7, for any adapter. */
export function describeExecutor(name: string, makeHarness: () => Promise<ExecutorHarness>): void {
  describe(`${name} keeps the promises of an executor`, () => {
    let harness: ExecutorHarness;
    before(async () => {
      harness = await makeHarness();
    });
    after(() => harness.dispose());
    const execute = async (
      kind: AttemptKind,
      changes?: Partial<Attempt>,
      signal = new AbortController().signal,
    ): Promise<Outcome> => {
      const attempt = harness.attempt(kind, { timeoutMs: AMPLE_MS, ...changes });
      const outcome = await harness.executor.execute(attempt, signal);
      harness.executor.release?.(attempt);
      return outcome;
    };
    /** Resolves once nothing of attempts that were released is left. */
    const nothingKept = async (): Promise<void> => {
      await until(async () => ((await harness.kept?.()) ?? 0) === 0);
    };

    for (const kind of ["succeeds", "fails"] as const) {
      it(`asks the peer once where it ${kind} (X1)`, async () => {
        const before = harness.asked();
        const outcome = await execute(kind);
        assert.equal(outcome.outcome, kind === "succeeds" ? "succeeded" : "failed");
        assert.equal(harness.asked() - before, 1);
      });
    }

    it("tells a peer's fault as an outcome with an error of the table, and does not throw (X2)", async () => {
      for (const kind of ["fails", "unreachable"] as const) {
        const outcome = await execute(kind);
        assert.ok(outcome.outcome === "failed");
        assert.ok(Object.hasOwn(ERRORS, outcome.error.code), outcome.error.code);
        assert.match(outcome.error.message, /\S/);
      }
    });

    it("settles as cancelled soon after an abort (X3)", { timeout: AMPLE_MS }, async () => {
      await nothingKept();
      const controller = new AbortController();
      const outcome = execute("hangs", {}, controller.signal);
      await harness.hanging();
      const aborted = performance.now();
      controller.abort();
      assertCancelled(await outcome);
      const tookMs = performance.now() - aborted;
      assert.ok(tookMs < SETTLES_WITHIN_MS, `it took ${tookMs} ms`);
      assert.equal((await harness.kept?.()) ?? 0, 0);
    });

    it("settles as cancelled where the abort came first, and asks no one (X3)", async () => {
      const before = harness.asked();
      for (const kind of ["hangs", "unreachable"] as const)
        assertCancelled(await execute(kind, {}, AbortSignal.abort()));
      assert.equal(harness.asked(), before);
    });

    it("settles by itself as timed out once its time is over (X3)", { timeout: AMPLE_MS }, async () => {
      const outcome = await execute("hangs", { timeoutMs: 50 });
      assert.equal(outcome.outcome, "timed_out");
      assert.equal((await harness.kept?.()) ?? 0, 0);
    });

    it("settles as cancelled when it is told to leave; what it can recover goes on (X3, X4)", async () => {
      const { executor } = harness;
      const attempt = harness.attempt("hangs", { timeoutMs: AMPLE_MS });
      const controller = new AbortController();
      const outcome = executor.execute(attempt, controller.signal);
      await harness.hanging(attempt);
      controller.abort(LEAVE);
      assertCancelled(await outcome);
      if (executor.recover === undefined) return;
      const later = new AbortController();
      const recovery = await executor.recover(attempt, later.signal);
      assert.ok(recovery.found === "running");
      later.abort();
      assertCancelled(await recovery.outcome);
      assert.deepEqual(await executor.recover(attempt, new AbortController().signal), { found: "gone" });
    });

    it("is done with an attempt that has an outcome: a later abort changes nothing (X3)", async () => {
      const controller = new AbortController();
      const outcome = await execute("succeeds", {}, controller.signal);
      controller.abort();
      assert.equal(outcome.outcome, "succeeded");
      assert.equal((await execute("succeeds")).outcome, "succeeded");
    });

    it("says of work that nobody does that it is gone, where it can recover at all (X4)", async () => {
      const recovery = await harness.executor.recover?.(harness.attempt("succeeds"), new AbortController().signal);
      assert.ok(recovery === undefined || recovery.found === "gone");
    });

    it("tells an outcome again until the attempt is released; afterwards nothing is left (X4, X6)", async () => {
      const { executor } = harness;
      if (executor.recover === undefined || executor.release === undefined) return;
      for (const kind of ["succeeds", "fails"] as const) {
        const attempt = harness.attempt(kind, { timeoutMs: AMPLE_MS });
        const outcome = await executor.execute(attempt, new AbortController().signal);
        const again = await executor.recover(attempt, new AbortController().signal);
        assert.deepEqual(again, { found: "outcome", outcome });
        executor.release(attempt);
        executor.release(attempt);
        await nothingKept();
        assert.deepEqual(await executor.recover(attempt, new AbortController().signal), { found: "gone" });
      }
    });

    it("ends the work of all attempts of a run but those that it is given (X7)", async () => {
      const { executor } = harness;
      if (executor.sweep === undefined || executor.recover === undefined) return;
      const stray = harness.attempt("hangs", { runId: "run-swept", nodeId: "stray", timeoutMs: AMPLE_MS });
      const mine = harness.attempt("hangs", { runId: "run-swept", nodeId: "mine", timeoutMs: AMPLE_MS });
      for (const attempt of [stray, mine]) {
        const controller = new AbortController();
        const outcome = executor.execute(attempt, controller.signal);
        await harness.hanging(attempt);
        controller.abort(LEAVE);
        assertCancelled(await outcome);
      }
      const signal = new AbortController().signal;
      await executor.sweep("another run", []);
      await executor.sweep(mine.runId, [mine]);
      assert.deepEqual(await executor.recover(stray, signal), { found: "gone" });
      const recovery = await executor.recover(mine, signal);
      assert.equal(recovery.found, "running");
      await executor.sweep(mine.runId, []);
      assert.deepEqual(await executor.recover(mine, signal), { found: "gone" });
    });

    it("takes each attempt for itself, whatever run and node it is of, and however many there are (X5)", async () => {
      const kinds: readonly AttemptKind[] = ["succeeds", "fails", "unreachable", "succeeds"];
      const outcomes = await Promise.all(
        kinds.map((kind, index) => execute(kind, { runId: `run-${index}`, nodeId: `node-${index % 2}`, attempt: 7 })),
      );
      const expected = ["succeeded", "failed", "failed", "succeeded"];
      assert.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        expected,
      );
    });
  });
}

function assertCancelled(outcome: Outcome): void {
  assert.ok(outcome.outcome === "cancelled", JSON.stringify(outcome));
  assert.equal(outcome.error.code, "NODE_CANCELLED");
}
