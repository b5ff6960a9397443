import assert from "node:assert/strict";
import { it } from "node:test";
import { parseBytes, parseDuration, parseTimeOrAge } from "./times.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");

it("reads durations, and says what they look like", () => {
  const read = (text: string) => parseDuration("older-than", text);
  assert.deepEqual(
    ["90s", "15m", "1.5h", "30d", "2w", "0d"].map(read),
    [90_000, 900_000, 5_400_000, 2_592e6, 1_209_600e3, 0],
  );
  for (const wrong of ["", "30", "d", "-1d", "30 d", "1y", "1e3s", "99999999999999w"]) {
    assert.throws(() => read(wrong), { code: "USAGE", message: /--older-than is a duration like .*, not / });
  }
});

it("reads times, which are UTC unless they say otherwise, and how long ago one was", () => {
  const read = (text: string) => new Date(parseTimeOrAge("since", text, NOW)).toISOString();
  assert.equal(read("2026-11-22"), "2026-11-22T00:00:00.000Z");
  assert.equal(read("2026-11-22T10:30"), "2026-11-22T10:30:00.000Z");
  assert.equal(read("2026-11-22 10:30:05Z"), "2026-11-22T10:30:05.000Z");
  assert.equal(read("2026-11-22T10:30:05.5+01:00"), "2026-11-22T09:30:05.500Z");
  assert.equal(read("2028-02-29"), "2028-02-29T00:00:00.000Z");
  assert.equal(read("36h"), "2026-11-22T00:00:00.000Z");
  for (const wrong of [
    "yesterday",
    "2026-13-01",
    "2026-02-31",
    "2026-02-29T10:30",
    "22.11.2026",
    "2026-11-22T",
    "12:00",
    "Mon",
  ]) {
    assert.throws(() => read(wrong), { code: "USAGE", message: /--since is a time like .*, not / });
  }
});

it("reads amounts of bytes, in powers of 1000 and of 1024", () => {
  const read = (text: string) => parseBytes("max-bytes", text);
  assert.deepEqual(["0", "1500", "1500B", "500MB", "1.5 GB", "2GiB", "1k", "1Ki"].map(read), [
    ...[0, 1500, 1500, 500e6, 1.5e9, 2 * 1024 ** 3, 1000, 1024],
  ]);
  for (const wrong of ["", "MB", "-1", "1XB", "1 000", "99999999TB", "1e3"]) {
    assert.throws(() => read(wrong), { code: "USAGE", message: /--max-bytes is an amount like / });
  }
});
