import assert from "node:assert/strict";
import { it } from "node:test";
import { hexLines } from "./hex-lines.ts";

it("shows bytes by offset, in hexadecimal and as characters", () => {
  const bytes = new TextEncoder().encode("busbar\u0000\n0123456789");
  assert.equal(
    hexLines(bytes),
    "00000000  62 75 73 62 61 72 00 0a 30 31 32 33 34 35 36 37  busbar..01234567\n" +
      "00000010  38 39                                            89",
  );
  assert.equal(hexLines(new Uint8Array()), "");
});
