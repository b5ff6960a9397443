import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ProcessedDataReportSchema } from "../../../src/gen/energy_pipeline_pb.ts";
import { createReportEncoder, encodeSkippedRows, type ReportEntry, readReport } from "./report-file.ts";

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const utf8 = (text: string) => Buffer.from(text, "latin1").toString("utf8");

function encode(entries: readonly ReportEntry[], skippedRows: number): Buffer {
  const encoder = createReportEncoder();
  for (const entry of entries) encoder.add(entry);
  return Buffer.concat([encoder.take(), encodeSkippedRows(skippedRows)]);
}

describe("report file", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-report-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function read(bytes: Uint8Array) {
    const path = join(folder, "report.pb");
    writeFileSync(path, bytes);
    const entries: ReportEntry[] = [];
    let skippedRows = 0;
    for await (const part of readReport(path)) {
      entries.push(...part.entries);
      skippedRows = part.skippedRows;
    }
    return { entries, skippedRows };
  }

  const anyEntry: fc.Arbitrary<ReportEntry> = fc.record(
    {
      timestamp: fc.string({ unit: "binary", maxLength: 200 }).map((text) => latin1(text.toWellFormed())),
      householdId: fc.string({ maxLength: 8 }),
      power: fc.float({ noNaN: true, noDefaultInfinity: true }),
      efficiency: fc.float({ noNaN: true, noDefaultInfinity: true }),
      anomalyDetected: fc.boolean(),
    },
    { noNullPrototype: true },
  );

  it("writes what a protobuf library reads", () => {
    fc.assert(
      fc.property(fc.array(anyEntry), fc.nat(), (entries, skippedRows) => {
        const report = fromBinary(ProcessedDataReportSchema, encode(entries, skippedRows));
        assert.equal(report.skippedRows, skippedRows);
        assert.deepEqual(
          report.processed.map(({ timestamp, householdId, power, efficiency, anomalyDetected }) => ({
            timestamp: latin1(timestamp),
            householdId,
            power,
            efficiency,
            anomalyDetected,
          })),
          entries,
        );
      }),
    );
  });

  it("reads what a protobuf library writes, also fields that are not used here", async () => {
    const anyReport = fc.tuple(fc.array(anyEntry, { maxLength: 5 }), fc.nat(), fc.string({ unit: "binary" }));
    await fc.assert(
      fc.asyncProperty(anyReport, async ([entries, skippedRows, status]) => {
        const processed = entries.map((entry) => ({
          ...entry,
          timestamp: utf8(entry.timestamp),
          status: status.toWellFormed(),
        }));
        const report = create(ProcessedDataReportSchema, { processed, skippedRows });
        assert.deepEqual(await read(toBinary(ProcessedDataReportSchema, report)), { entries, skippedRows });
      }),
      { numRuns: 50 },
    );
  });

  it("keeps minus zero, as Python does", async () => {
    const entry = { timestamp: "t", householdId: "h", power: -0, efficiency: 0, anomalyDetected: true };
    const bytes = encode([entry], 0);
    assert.ok(bytes.includes(Buffer.from([0x1d, 0, 0, 0, 0x80])));
    assert.ok(Object.is((await read(bytes)).entries[0]?.power, -0));
  });

  it("reads a file that is far larger than a chunk", async () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => ({
      timestamp: `2025-01-01T00:00:00Z #${i}`,
      householdId: "HH-1",
      power: i,
      efficiency: 0.5,
      anomalyDetected: i % 7 === 0,
    }));
    assert.deepEqual(await read(encode(entries, 3)), { entries, skippedRows: 3 });
  });

  it("passes over fields and wire types it does not know", async () => {
    const unknown = Buffer.from([0x78, 0x96, 0x01, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7a, 2, 9, 9, 0x7d, 1, 2, 3, 4]);
    assert.deepEqual(await read(Buffer.concat([unknown, encodeSkippedRows(300)])), { entries: [], skippedRows: 300 });
  });

  it("refuses a file that is cut at any byte within an entry", async () => {
    const entry = { timestamp: "t", householdId: "h", power: 1, efficiency: 2, anomalyDetected: true };
    const whole = encode([entry], 0);
    for (let end = 1; end < whole.length; end++) {
      await assert.rejects(read(whole.subarray(0, end)), /Input is not a ProcessedDataReport/, `cut at ${end}`);
    }
  });

  it("refuses bytes that are no such message, whatever they are, and nothing but that", async () => {
    await assert.rejects(read(readFileSync(import.meta.filename)), /Input is not a ProcessedDataReport/);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        await read(bytes).catch((error: Error) => assert.match(error.message, /Input is not a ProcessedDataReport/));
      }),
      { numRuns: 200 },
    );
  });
});
