import assert from "node:assert/strict";
import { it } from "node:test";
import { formatBytes } from "./bytes.ts";

it("tells amounts of bytes as people read them", () => {
  const cases: readonly (readonly [bytes: number, text: string])[] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [16_777_216, "16.8 MB"],
    [268_435_456, "268.4 MB"],
    [12_300_000_000, "12.3 GB"],
    [2e15, "2.0 PB"],
    [2e19, "20000.0 PB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});
