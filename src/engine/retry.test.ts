import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { UNAVAILABLE } from "../testing/engine-run.ts";
import { DEFAULT_RETRY } from "../workflow/model/retry.ts";
import type { AttemptFailure } from "./outcome.ts";
import { backoffMs, MAX_PUSHBACK_MS, remainingWaitMs, retryWaitMs } from "./retry.ts";

const policy = { ...DEFAULT_RETRY, initialBackoffMs: 500, backoffMultiplier: 2, maxBackoffMs: 3000, maxAttempts: 10 };
const unavailable = UNAVAILABLE as AttemptFailure;
const anyUnit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffMs", () => {
  it("grows, is capped, and is jittered within [0.8, 1.2) of that (gRFC A6)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), anyUnit, (failures, random) => {
        const bare = Math.min(500 * 2 ** (failures - 1), 3000);
        const wait = backoffMs(policy, failures, random);
        // At 1 - 2^-53 the product rounds up to the open end.
        assert.ok(wait >= 0.8 * bare && wait <= 1.2 * bare, `${wait} for ${bare}`);
      }),
    );
  });
});

describe("retryWaitMs", () => {
  it("retries up to 4 attempts on UNAVAILABLE by default, and nothing else", () => {
    const waits = [1, 2, 3, 4].map((failures) => retryWaitMs(DEFAULT_RETRY, failures, unavailable, 0.5));
    assert.deepEqual(
      waits.map((wait) => wait !== undefined),
      [true, true, true, false],
    );
    for (const status of ["DEADLINE_EXCEEDED", "FAILURE_REPLY", "INTERNAL", "UNKNOWN"]) {
      const failure = { ...unavailable, error: { ...unavailable.error, status } };
      assert.equal(retryWaitMs(DEFAULT_RETRY, 1, failure, 0.5), undefined, status);
    }
  });

  it("retries what the file lists", () => {
    const listed = { ...policy, retryOn: ["FAILURE_REPLY"] };
    assert.equal(retryWaitMs(listed, 1, unavailable, 0.5), undefined);
    assert.equal(
      retryWaitMs(listed, 1, { ...unavailable, error: { ...unavailable.error, status: "FAILURE_REPLY" } }, 0.5),
      500,
    );
  });

  it("lets the peer's pushback replace the drawn wait, up to ten minutes; never is final", () => {
    assert.equal(retryWaitMs(policy, 1, { ...unavailable, pushback: 7 }, 0.9), 7);
    assert.equal(retryWaitMs(policy, 1, { ...unavailable, pushback: 10 * MAX_PUSHBACK_MS }, 0.9), MAX_PUSHBACK_MS);
    assert.equal(retryWaitMs(policy, 1, { ...unavailable, pushback: "never" }, 0.9), undefined);
    const slow = { ...policy, initialBackoffMs: 2 * MAX_PUSHBACK_MS, maxBackoffMs: 2 * MAX_PUSHBACK_MS };
    assert.equal(retryWaitMs(slow, 1, unavailable, 0.5), 2 * MAX_PUSHBACK_MS);
  });
});

describe("remainingWaitMs", () => {
  it("goes on to retry_at, clamped to what was drawn, whatever the clock did meanwhile", () => {
    const day = 86_400_000;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600_000 }), fc.integer({ min: -2 * day, max: 2 * day }), (delay, jump) => {
        const now = Date.UTC(2025, 5, 1);
        const left = remainingWaitMs(new Date(now + delay).toISOString(), delay, now + jump);
        assert.ok(left >= 0 && left <= delay);
        if (jump >= 0 && jump <= delay) assert.equal(left, delay - jump);
      }),
    );
  });
});
