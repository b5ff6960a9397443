import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createLoading } from "./loading.ts";

/** Questions that are answered by hand. */
function askedByHand() {
  const asked: { readonly signal: AbortSignal; readonly answer: () => void; readonly refuse: () => void }[] = [];
  const ask = (signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    asked.push({ signal, answer: () => resolve(), refuse: () => reject(new Error("no answer")) });
    return promise;
  };
  return { asked, ask };
}

describe("loading", () => {
  it("lets a question be answered however often it is wanted meanwhile, and asks once more then", async () => {
    const { asked, ask } = askedByHand();
    const loading = createLoading(ask);
    for (let times = 0; times < 5; times += 1) loading.request();
    assert.deepEqual([asked.length, asked[0]?.signal.aborted], [1, false]);
    asked[0]?.answer();
    await setImmediate();
    assert.equal(asked.length, 2);
    asked[1]?.answer();
    await setImmediate();
    assert.equal(asked.length, 2);
  });

  it("asks again after what was thrown", async () => {
    const { asked, ask } = askedByHand();
    const loading = createLoading(ask);
    loading.request();
    asked[0]?.refuse();
    await setImmediate();
    loading.request();
    assert.equal(asked.length, 2);
  });

  it("gives up an answer that has not come for 40 s when it is wanted again", async () => {
    const { asked, ask } = askedByHand();
    let now = 0;
    const loading = createLoading(ask, () => now);
    loading.request();
    now = 39_999;
    loading.request();
    assert.equal(asked.length, 1);
    now = 40_000;
    loading.request();
    assert.deepEqual([asked.length, asked[0]?.signal.aborted, asked[1]?.signal.aborted], [2, true, false]);
    asked[0]?.answer();
    await setImmediate();
    assert.equal(asked.length, 2);
  });

  it("asks no more once it is stopped", async () => {
    const { asked, ask } = askedByHand();
    const loading = createLoading(ask);
    loading.request();
    loading.request();
    loading.stop();
    assert.equal(asked[0]?.signal.aborted, true);
    asked[0]?.answer();
    await setImmediate();
    loading.request();
    assert.equal(asked.length, 1);
  });
});
