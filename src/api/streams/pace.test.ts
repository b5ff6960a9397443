import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orQuiet } from "./pace.ts";

describe("orQuiet", () => {
  it("gives what is coming, also after it was quiet", async () => {
    const coming = Promise.withResolvers<string>();
    assert.equal(await orQuiet(coming.promise, 1), undefined);
    coming.resolve("here");
    assert.equal(await orQuiet(coming.promise, 60_000), "here");
  });
});
