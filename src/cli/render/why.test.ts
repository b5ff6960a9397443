import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CalledAgain, Explanation, Limit, NodeReason } from "../../engine/explanation.ts";
import type { NodeStatus, RunStatus } from "../../engine/status.ts";
import type { RunView } from "../../ports/runtime.ts";
import { listNames } from "./list-names.ts";
import { whyAgain, whyNode, whyRun } from "./why.ts";

const AT = "2025-01-01T15:04:05.123Z";
const FULL = { code: "JOURNAL_FULL", message: "the disk is full" } as const;
const GONE = { code: "CALL_UNAVAILABLE", message: "nobody answers." } as const;
const NEEDS = { services: [{ name: "a", address: "far:1" }], nodes: ["b"] };

interface Run {
  readonly status?: RunStatus;
  readonly nodes?: { readonly [id: string]: NodeStatus };
  readonly explanation: Partial<Explanation> & Pick<Explanation, "reason">;
  readonly file?: string;
  readonly origin?: RunView["origin"];
  readonly started_at?: string;
}

function why({ status = "running", nodes = {}, explanation, ...rest }: Run): string | undefined {
  const view = {
    status,
    nodes: Object.entries(nodes).map(([id, one]) => ({ id, status: one })),
    owner: { pid: 7, host: "here" },
    params: { word: "two words" },
    explanation: { nodes: [], limits: [], called_again: [], ...explanation },
    ...rest,
  } as unknown as RunView;
  return whyRun(view, (words) => `busbar ${words}`);
}

describe("whyRun", () => {
  it("says in one line why a run stands where it stands", () => {
    const outstanding = { nodes: { a: "running", b: "succeeded" } } as const;
    const cases: readonly (readonly [Run, string | undefined])[] = [
      [{ explanation: { reason: { kind: "interrupted" } } }, "nobody drives it: process 7 on here is gone"],
      [
        { explanation: { reason: { kind: "interrupted", recoveries: 3 } } },
        "nobody drives it: process 7 on here is gone; taken over 3 times in vain, and by no server any more unless somebody resumes it",
      ],
      [{ explanation: { reason: { kind: "left" } } }, "nobody drives it: process 7 on here has let go of it"],
      [
        { explanation: { reason: { kind: "stalled", since: AT, error: FULL } } },
        "its journal takes nothing since 2025-01-01 15:04:05Z: JOURNAL_FULL",
      ],
      [
        { ...outstanding, explanation: { reason: { kind: "cancelling", by: "joe", reason: "wrong\ninput" } } },
        "being cancelled by joe: wrong\\ninput; a is still running",
      ],
      [
        { ...outstanding, explanation: { reason: { kind: "paused" } } },
        "paused: no attempt starts; a is still running",
      ],
      [{ explanation: { reason: { kind: "refused" } } }, "preflight failed"],
      [{ explanation: { reason: { kind: "run_timeout" } } }, "stopped by its total_timeout_seconds"],
      [{ explanation: { reason: { kind: "stopping", node_id: "c" } } }, "stops since c failed (on_failure: stop)"],
      [
        { explanation: { reason: { kind: "preflight", ...NEEDS } }, file: "/my files/w.yaml" },
        "waits for a at far:1, what b needs (preflight); look with busbar check '/my files/w.yaml' --param 'word=two words'",
      ],
      [
        { explanation: { reason: { kind: "preparing", ...NEEDS } } },
        "ends what an earlier owner left, or waits for a at far:1, what b needs (preflight)",
      ],
      [
        { explanation: { reason: { kind: "preparing", ...NEEDS } }, status: "pending", origin: "server" },
        "waits for its turn, or waits for a at far:1, what b needs (preflight)",
      ],
      [
        { explanation: { reason: { kind: "preparing", ...NEEDS } }, origin: "server", started_at: AT },
        "waits for its turn, ends what an earlier owner left, or waits for a at far:1, what b needs (preflight)",
      ],
      [
        { explanation: { reason: { kind: "queued", ahead: 2, limit: "server", max_runs: 16 } } },
        "waits for its turn: the server has 16 at once (--max-runs); 2 runs are before it",
      ],
      [
        { explanation: { reason: { kind: "queued", ahead: 0, limit: "concurrency", max_runs: 1, key: "a\nb" } } },
        'waits for its turn: the workflow has 1 at once for the key "a\\nb" (concurrency); it is next',
      ],
      [
        { explanation: { reason: { kind: "queued", ahead: 1, limit: "concurrency", max_runs: 2 } } },
        "waits for its turn: the workflow has 2 at once (concurrency); 1 run is before it",
      ],
      [{ ...outstanding, explanation: { reason: { kind: "under_way" } } }, "a is running"],
      [
        {
          explanation: {
            reason: { kind: "under_way" },
            nodes: [
              { id: "x", reason: { kind: "upstream", waits_for: ["a"] } },
              { id: "a", reason: { kind: "retry", retry_at: AT, attempt: 2, outcome: "timed_out", error: GONE } },
            ],
          },
        },
        "a waits: again at 2025-01-01 15:04:05Z: attempt 2 timed out: CALL_UNAVAILABLE",
      ],
      [{ status: "succeeded", explanation: { reason: { kind: "ended" } } }, undefined],
      [
        {
          status: "failed",
          explanation: { reason: { kind: "ended" }, cause: { kind: "node", node_id: "b", error: GONE } },
        },
        "b failed: CALL_UNAVAILABLE",
      ],
      [
        {
          status: "failed",
          explanation: {
            reason: { kind: "ended" },
            cause: {
              kind: "preflight",
              findings: [
                { severity: "error", code: "SERVICE_UNREACHABLE", service: "a", message: "m" },
                { severity: "error", code: "SERVICE_SILENT", service: "b", message: "m" },
              ],
            },
          },
        },
        "a, b are not ready: SERVICE_UNREACHABLE, SERVICE_SILENT",
      ],
      [
        { status: "cancelled", explanation: { reason: { kind: "ended" }, cause: { kind: "cancel", by: "joe" } } },
        "cancelled by joe",
      ],
    ];
    for (const [run, expected] of cases) assert.equal(why(run), expected);
  });
});

describe("whyNode", () => {
  it("says in one line why a node stands where it stands", () => {
    const limits: readonly Limit[] = [
      { kind: "max_parallel", limit: 2, held_by: ["a", "b"] },
      { kind: "slot", service: "full", address: "far:1", limit: 1, held_by: ["a"] },
      { kind: "slot", service: "shared", address: "far:2", limit: 3, held_by: ["a"] },
      { kind: "slot", service: "others", address: "far:3", limit: 1, held_by: [] },
    ];
    const cases: readonly (readonly [NodeReason, string])[] = [
      [{ kind: "upstream", waits_for: ["a", "b", "c", "d", "e"] }, "waits for a, b, c and 2 more"],
      [
        { kind: "running", attempt: 1, since: AT, until: "2025-01-01T15:05:05.123Z" },
        "since 2025-01-01 15:04:05Z, until 2025-01-01 15:05:05Z at the latest",
      ],
      [
        { kind: "running", attempt: 1, since: AT, until: AT, ending: "cancel" },
        "since 2025-01-01 15:04:05Z, being cancelled",
      ],
      [
        { kind: "recovery", attempt: 2, since: AT },
        "attempt 2 of an earlier owner, since 2025-01-01 15:04:05Z: looked for, or followed to its end",
      ],
      [{ kind: "max_parallel" }, "waits for one of a, b: max_parallel is 2"],
      [{ kind: "slot", service: "full" }, "waits for a slot of full at far:1 (max_concurrency 1): a holds it"],
      [
        { kind: "slot", service: "shared" },
        "waits for a slot of shared at far:2 (max_concurrency 3): a and other runs of the same process hold them",
      ],
      [
        { kind: "slot", service: "others" },
        "waits for a slot of others at far:3 (max_concurrency 1): other runs of the same process hold it",
      ],
      [
        { kind: "due", retry_at: AT, service: "full" },
        "waited until 2025-01-01 15:04:05Z; starts as soon as it is its turn, and full has a free slot",
      ],
      [{ kind: "interrupted", attempt: 3 }, "attempt 3 has no owner any more"],
      [{ kind: "interrupted", retry_at: AT }, "nobody drives the run"],
      [{ kind: "paused", retry_at: AT }, "paused"],
      [{ kind: "ended" }, "not called"],
    ];
    for (const [reason, expected] of cases) assert.equal(whyNode(reason, limits), expected);
  });
});

describe("whyAgain", () => {
  it("says how the attempt before ended, and what made another one necessary", () => {
    const again = (more: Partial<CalledAgain>): string =>
      whyAgain({ node_id: "a", attempt: 2, because: "retry", outcome: "failed", error: GONE, ...more });
    assert.equal(again({}), "a, attempt 2: attempt 1 failed: CALL_UNAVAILABLE: nobody answers");
    assert.equal(
      again({ because: "lost", outcome: "lost", error: { code: "NODE_LOST", message: "Busbar ended" } }),
      "a, attempt 2: attempt 1 was lost: NODE_LOST: Busbar ended",
    );
    assert.equal(
      again({ because: "resume", outcome: "timed_out" }),
      "a, attempt 2: the run was resumed; attempt 1 timed out: CALL_UNAVAILABLE: nobody answers",
    );
  });
});

describe("listNames", () => {
  it("names a few of many", () => {
    assert.equal(listNames(["a", "b\u0007", "c"]), "a, b\\x07, c");
    assert.equal(listNames(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});
