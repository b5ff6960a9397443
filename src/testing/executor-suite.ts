import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ERRORS } from "../kernel/error-table.ts";
import type { Attempt, Executor, Outcome } from "../ports/executor.ts";

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
  /** Resolves once a peer has been asked to do work that `hangs`. */
  hanging(): Promise<void>;
  dispose(): Promise<void>;
}

export type AttemptKind = "succeeds" | "fails" | "hangs" | "unreachable";

/** X3: how long an executor may take to settle after an abort. */
const SETTLES_WITHIN_MS = 5000;
/** A limit of an attempt that is not meant to be reached. */
const AMPLE_MS = 60_000;

/** The contract of the Executor port, X1-X5, for any adapter. */
export function describeExecutor(name: string, makeHarness: () => Promise<ExecutorHarness>): void {
  describe(`${name} keeps the promises of an executor`, () => {
    let harness: ExecutorHarness;
    before(async () => {
      harness = await makeHarness();
    });
    after(() => harness.dispose());
    const execute = (kind: AttemptKind, changes?: Partial<Attempt>, signal = new AbortController().signal) =>
      harness.executor.execute(harness.attempt(kind, { timeoutMs: AMPLE_MS, ...changes }), signal);

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

    it("settles as cancelled soon after an abort (X3)", { timeout: SETTLES_WITHIN_MS }, async () => {
      const controller = new AbortController();
      const outcome = execute("hangs", {}, controller.signal);
      await harness.hanging();
      controller.abort();
      assertCancelled(await outcome);
    });

    it("settles as cancelled where the abort came first, and asks no one (X3)", async () => {
      const before = harness.asked();
      for (const kind of ["hangs", "unreachable"] as const)
        assertCancelled(await execute(kind, {}, AbortSignal.abort()));
      assert.equal(harness.asked(), before);
    });

    it("settles by itself as timed out once its time is over (X3)", { timeout: SETTLES_WITHIN_MS }, async () => {
      const outcome = await execute("hangs", { timeoutMs: 50 });
      assert.equal(outcome.outcome, "timed_out");
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
