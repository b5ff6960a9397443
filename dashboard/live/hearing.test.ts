import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createHearing } from "./hearing.ts";

/** `c3 r1:2`: the event 2 of the run r1, after which the cursor is c3; `c3 now`, `c3 reset`. */
function itemOf(literal: string): FeedItem {
  const [cursor = "", what = ""] = literal.split(" ");
  if (what === "now") return { kind: "now", cursor };
  if (what === "reset") return { kind: "reset", reason: "pruned", cursor };
  const [run_id = "", seq] = what.split(":");
  const event = { run_id, seq: Number(seq), at: "", epoch: 1, type: "run.started" } as const;
  return { kind: "event", cursor, event };
}

function hear() {
  const hearing = createHearing();
  const told: string[] = [];
  hearing.listen((item) =>
    told.push(item.kind === "event" ? `${item.event.run_id}:${item.event.seq}` : `${item.kind} ${item.cursor}`),
  );
  return {
    hearing,
    take: (previous: string | undefined, ...items: readonly string[]) => hearing.take(items.map(itemOf), previous),
    told: () => told.splice(0),
  };
}

describe("createHearing", () => {
  it("tells what follows in its order", () => {
    const { hearing, take, told } = hear();
    take(undefined, "c0 now", "c1 r1:1");
    take("c1", "c2 r2:1", "c3 reset");
    assert.deepEqual(told(), ["now c0", "r1:1", "r2:1", "reset c3"]);
    assert.equal(hearing.place(), "c3");
  });

  it("tells nothing twice when another tab goes on a little further behind", () => {
    const { hearing, take, told } = hear();
    hearing.beginAt("c0");
    take("c0", "c1 r1:1", "c2 r1:2", "c3 r2:1");
    told();
    take("c1", "c2 r1:2");
    assert.deepEqual(told(), []);
    take("c2", "c3 r2:1", "c4 r1:3");
    assert.deepEqual(told(), ["r1:3"]);
    take("c4", "c5 r1:4");
    assert.deepEqual(told(), ["r1:4"]);
  });

  it("says that something was missed where what comes does not follow", () => {
    const { take, told } = hear();
    take(undefined, "c0 now");
    take("c7", "c8 r1:8");
    assert.deepEqual(told(), ["now c0", "reset c7", "r1:8"]);
    take("c8", "c9 now");
    assert.deepEqual(told(), ["reset c9"], "a stream that begins anew");
  });

  it("begins where another tab stands, once, and knows when it has fallen behind", () => {
    const { hearing, told } = hear();
    hearing.beginAt("c4");
    hearing.beginAt("c4");
    assert.deepEqual(told(), ["now c4"]);
    hearing.beginAt("c9");
    assert.deepEqual(told(), ["reset c9"]);
  });

  it("tells a run that was made again under the id of a deleted one", () => {
    const { take, told } = hear();
    take(undefined, "c0 now", "c1 r1:1", "c2 r1:2");
    take("c2", "c3 r1:1");
    assert.deepEqual(told(), ["now c0", "r1:1", "r1:2", "r1:1"]);
  });

  it("keeps since when it was lost", () => {
    const { hearing } = hear();
    let changes = 0;
    hearing.onLiveness(() => {
      changes += 1;
    });
    hearing.become({ state: "lost", since: 1 });
    hearing.become({ state: "lost", since: 2 });
    assert.deepEqual(hearing.liveness(), { state: "lost", since: 1 });
    hearing.become({ state: "live" });
    assert.equal(changes, 2);
  });
});
