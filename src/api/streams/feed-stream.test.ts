import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunEvent } from "../../engine/events.ts";
import type { FeedItem } from "../../ports/feed.ts";
import type { FeedOptions } from "../../ports/runtime.ts";
import { until } from "../../testing/until.ts";
import { createFeedStreams } from "./feed-stream.ts";

/** Events of many runs, one each. Where it ends now takes as long to find as the test says. */
class Feed {
  readonly #items: FeedItem[] = [];
  #wake = Promise.withResolvers<void>();
  broken: Error | undefined;
  whereNow: Promise<void> = Promise.resolve();

  append(): void {
    const number = this.#items.length + 1;
    const event = { run_id: `r${number}`, seq: 1, filling: "x".repeat(20_000) } as unknown as RunEvent;
    this.#items.push({ kind: "event", cursor: String(number), event });
    this.changed();
  }

  changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *feed({ after, follow = false, signal }: FeedOptions = {}): AsyncGenerator<FeedItem> {
    let given = 0;
    if (after === "now") {
      await this.whereNow;
      given = this.#items.length;
      yield { kind: "now", cursor: String(given) };
    } else if (after !== undefined) given = Number(after);
    for (;;) {
      for (; given < this.#items.length; given += 1) yield this.#items[given] ?? assert.fail();
      if (!follow || signal?.aborted === true) return;
      if (this.broken !== undefined) throw this.broken;
      await this.#wake.promise;
    }
  }
}

const runsOf = (piece: Buffer): string[] =>
  [...piece.toString().matchAll(/"run_id":"(\w+)"/g)].map(([, id = ""]) => id);

describe("the streams of the feed", () => {
  it("leave nothing out between what is there and what comes, however long the end of it takes to find", async () => {
    const feed = new Feed();
    const streams = createFeedStreams(feed);
    const found = Promise.withResolvers<void>();
    feed.whereNow = found.promise;
    feed.append();
    const over = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const piece of streams.read(undefined, over.signal)) seen.push(...runsOf(piece));
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.append();
    await new Promise((resolve) => setTimeout(resolve, 20));
    found.resolve();
    await until(() => seen.length > 0);
    feed.append();
    await until(() => seen.includes("r3"));
    over.abort();
    feed.changed();
    await reading;
    assert.deepEqual(seen, ["r1", "r2", "r3"]);
  });

  it("begin anew for whoever comes after a fault, though a slow reader has not been told of it", async () => {
    const feed = new Feed();
    const streams = createFeedStreams(feed);
    const over = new AbortController();
    const slow = streams.read(undefined, over.signal);
    feed.append();
    await slow.next();
    const second = slow.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.append();
    feed.append();
    await second;
    feed.broken = new Error("the journal is away");
    feed.changed();
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.broken = undefined;
    const seen: string[] = [];
    const reading = (async () => {
      for await (const piece of streams.read(undefined, over.signal)) seen.push(...runsOf(piece));
    })();
    await until(() => seen.length === 3);
    feed.append();
    await until(() => seen.length === 4);
    over.abort();
    feed.changed();
    await reading;
    await slow.return(undefined);
  });
});
