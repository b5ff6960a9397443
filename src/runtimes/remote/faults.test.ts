import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { foreignAnswer } from "./faults.ts";

describe("what answers in the place of a Busbar server", () => {
  it("is quoted on one line, and in short", () => {
    const noise = "text/\x1b\u202e語".repeat(3000);
    for (const [status, location] of [
      [200, undefined],
      [302, noise],
      [502, undefined],
    ] as const) {
      for (const hasProxy of [false, true]) {
        const { message } = foreignAnswer({ url: "http://far.test:1", hasProxy }, status, { type: noise, location });
        assert.doesNotMatch(message, /\p{Cc}|\u202e/u);
        assert.ok(message.length < 500, String(message.length));
      }
    }
  });
});
