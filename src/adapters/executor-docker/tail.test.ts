import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { createTail } from "./tail.ts";

describe("the end of a stream", () => {
  const secrets = createSecrets(() => "s3cret-välue");
  secrets.read("KEY");

  it("is kept however long the stream is, whole characters only", () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const tail = createTail(10, createSecrets(() => undefined).maskPieces());
      const bytes = Buffer.from(`${"é".repeat(100)}0123456é89`);
      for (let at = 0; at < bytes.length; at += size) tail.push(bytes.subarray(at, at + size));
      assert.equal(tail.text(), "0123456é89");
      assert.equal(tail.text(), "0123456é89");
    }
  });

  it("begins with no half of a secret, wherever it is cut", () => {
    const bytes = Buffer.from(`before s3cret-välue${".".repeat(20)}`);
    for (let kept = 0; kept <= 40; kept += 1) {
      for (const size of [1, 5, 100]) {
        const tail = createTail(kept, secrets.maskPieces());
        for (let at = 0; at < bytes.length; at += size) tail.push(bytes.subarray(at, at + size));
        assert.ok(`before ***${".".repeat(20)}`.endsWith(tail.text()), tail.text());
      }
    }
  });
});
