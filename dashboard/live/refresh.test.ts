import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRefresh } from "./refresh.ts";

describe("createRefresh", () => {
  it("does it at once, and all that changes meanwhile once more", async () => {
    let done = 0;
    const gate = Promise.withResolvers<void>();
    const twice = Promise.withResolvers<void>();
    const refresh = createRefresh(() => {
      done += 1;
      if (done === 2) twice.resolve();
      return gate.promise;
    }, 1);
    for (let change = 0; change < 5; change += 1) refresh.request();
    assert.equal(done, 1);
    gate.resolve();
    await twice.promise;
    refresh.stop();
    assert.equal(done, 2);
  });

  it("waits while nobody looks, and goes on after a failure", async () => {
    let isLooking = false;
    let done = 0;
    const again = Promise.withResolvers<void>();
    const refresh = createRefresh(
      async () => {
        done += 1;
        if (done === 2) again.resolve();
        throw new Error("no answer");
      },
      1,
      () => isLooking,
    );
    refresh.request();
    assert.equal(done, 0);
    isLooking = true;
    refresh.request();
    assert.equal(done, 1);
    refresh.request();
    await again.promise;
    refresh.stop();
  });
});
