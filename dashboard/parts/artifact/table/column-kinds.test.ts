import assert from "node:assert/strict";
import { it } from "node:test";
import { guessKinds, isTrue, marksAnomalies, readNumber } from "./column-kinds.ts";

it("tells numbers, times, flags and texts by the first rows", () => {
  const rows = [
    ["2025-01-01T00:00:00Z", "HH-0", "120.5", "False", "", "1"],
    ["2025-01-01T00:01:00Z", "HH-1", "-1e3", "True", "", "x"],
    ["", "HH-1", "", "True", "", "2024-13-45"],
  ];
  const kinds = guessKinds(["t", "h", "p", "a", "e", "m", "more"], rows);
  assert.deepEqual(kinds, ["time", "text", "number", "flag", "text", "text", "text"]);
});

it("reads numbers, and nothing for what is none", () => {
  assert.equal(readNumber(" 1.5"), 1.5);
  for (const text of ["", " ", "x", "NaN", "Infinity", "1,5"]) assert.ok(Number.isNaN(readNumber(text)), text);
});

it("knows a column of anomalies by its name, and what stands for yes", () => {
  assert.ok(marksAnomalies("anomaly_detected") && marksAnomalies("Outlier") && !marksAnomalies("status"));
  assert.ok(isTrue("True") && isTrue(" 1") && !isTrue("False") && !isTrue(""));
});
