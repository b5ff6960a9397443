import assert from "node:assert/strict";
import { it } from "node:test";
import type { PlaceFacts } from "../../ports/checks.ts";
import { checkDisk } from "./place.ts";

it("tells the space on the disk in an amount that says something, also where there is hardly any", () => {
  const facts = { stateDir: "/s/.busbar", nearest: "/s" } as PlaceFacts;
  const cases: readonly (readonly [freeBytes: number, ok: boolean, message: string])[] = [
    [0, false, "no space free at /s: make room before the next run"],
    [700_000, false, "only 700.0 kB free at /s: make room before the next run"],
    [268_435_455, false, "only 268.4 MB free at /s: make room before the next run"],
    [268_435_456, true, "268.4 MB free at /s"],
    [12_300_000_000, true, "12.3 GB free at /s"],
  ];
  for (const [freeBytes, ok, message] of cases) {
    assert.deepEqual(checkDisk({ ...facts, freeBytes }), { check: "disk", ok, message });
  }
});
