import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ExecuteResponseSchema, ProcessedDataReportSchema } from "../../../../src/gen/energy_pipeline_pb.ts";
import { formatFloat, readReport } from "./report-file.ts";
import { readWireTree } from "./wire-tree.ts";

const REPORT = toBinary(
  ProcessedDataReportSchema,
  create(ProcessedDataReportSchema, {
    processed: [
      { timestamp: "2025-01-01T00:00:00Z", householdId: "HH-0", power: 226.3, efficiency: 0.838 },
      { timestamp: "2025-01-01T00:15:00Z", householdId: "Hé", power: 3, anomalyDetected: true },
    ],
    skippedRows: 300,
  }),
);

describe("a report", () => {
  it("is a table of its entries, and says how many rows were left out", () => {
    const report = readReport(REPORT, false);
    assert.ok(report);
    assert.deepEqual(report.columns, [
      "timestamp",
      "household_id",
      "power",
      "efficiency",
      "status",
      "anomaly_detected",
    ]);
    assert.deepEqual([report.count, report.skippedRows], [2, 300]);
    assert.deepEqual(report.row(0), ["2025-01-01T00:00:00Z", "HH-0", "226.3", "0.838", "", "false"]);
    assert.deepEqual(report.row(1), ["2025-01-01T00:15:00Z", "Hé", "3", "0", "", "true"]);
  });

  it("can be read as far as it is there", () => {
    assert.equal(readReport(REPORT.subarray(0, REPORT.length - 10), true)?.count, 1);
    assert.equal(readReport(REPORT.subarray(0, REPORT.length - 10), false), undefined);
  });

  it("is told from other messages, and from what is no message", () => {
    const other = toBinary(ExecuteResponseSchema, create(ExecuteResponseSchema, { success: true, message: "done" }));
    assert.equal(readReport(other, false), undefined);
    assert.equal(readReport(new TextEncoder().encode("timestamp,household_id\n"), false), undefined);
    assert.equal(readReport(Uint8Array.of(0x0a, 0x02, 0xff, 0xff), false), undefined);
    fc.assert(fc.property(fc.uint8Array(), fc.boolean(), (bytes, isPart) => void readReport(bytes, isPart)));
  });
});

it("writes a 32-bit float as short as it can be", () => {
  assert.deepEqual([226.3, 0.1, 1 / 3, 0, -1e-20, 16777217].map(Math.fround).map(formatFloat), [
    ...["226.3", "0.1", "0.33333334", "0", "-1e-20", "16777216"],
  ]);
});

describe("a message of a type that nobody knows", () => {
  it("is a tree of its fields by number", () => {
    assert.deepEqual(readWireTree(REPORT), {
      "1": [
        { "1": "2025-01-01T00:00:00Z", "2": "HH-0", "3": Math.fround(226.3), "4": Math.fround(0.838) },
        { "1": "2025-01-01T00:15:00Z", "2": "Hé", "3": 3, "6": 1 },
      ],
      "2": 300,
    });
  });

  it("shows bytes that are neither text nor message", () => {
    const bytes = Uint8Array.of(0x0a, 0x03, 0xff, 0xfe, 0x00);
    assert.deepEqual(readWireTree(bytes), { "1": "3 bytes: ff fe 00" });
  });

  it("is none where the bytes are none", () => {
    assert.equal(readWireTree(new TextEncoder().encode("hello, world")), undefined);
    assert.equal(readWireTree(Uint8Array.of(0x0a, 0x05, 0x01)), undefined);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void JSON.stringify(readWireTree(bytes))));
  });
});
