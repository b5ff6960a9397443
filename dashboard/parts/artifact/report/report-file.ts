// A report as the analyzer of the energy pipeline writes it: one ProcessedDataReport of proto/energy_pipeline.proto, whose
// entries are found first and decoded when they are looked at.
import { fromBinary, ScalarType } from "@bufbuild/protobuf";
import { ProcessedDataReportSchema, ProcessedEnergyReportSchema } from "../../../../src/gen/energy_pipeline_pb.ts";
import type { Row } from "../table/csv-reader.ts";
import { createCursor, readTag, readVarint } from "./wire.ts";

export interface ReportFile {
  readonly columns: readonly string[];
  readonly count: number;
  readonly skippedRows: number;
  /** An entry's fields as texts. @param index from 0 @param isExact whether floats are told with all the digits of a double */
  row(index: number, isExact?: boolean): Row;
}

const ENTRIES = ProcessedDataReportSchema.field.processed.number;
const SKIPPED = ProcessedDataReportSchema.field.skippedRows.number;
const FIELDS = ProcessedEnergyReportSchema.fields;
const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
/** Entries that are looked at, to tell a report from another message. */
const TRIED = 20;

/**
 * @param isPart the bytes are the beginning of a file, and may end within an entry
 * @returns undefined where they are no report
 */
export function readReport(bytes: Uint8Array, isPart: boolean): ReportFile | undefined {
  const found = findEntries(bytes, isPart);
  if (found === undefined) return undefined;
  const { starts, ends, skippedRows } = found;
  const entry = (index: number) =>
    fromBinary(ProcessedEnergyReportSchema, bytes.subarray(starts[index] ?? 0, ends[index] ?? 0));
  try {
    for (let index = 0; index < Math.min(TRIED, starts.length); index += 1) {
      if (entry(index).$unknown !== undefined) return undefined;
    }
  } catch {
    return undefined;
  }
  return {
    columns: FIELDS.map(({ name }) => name),
    count: starts.length,
    skippedRows,
    row(index, isExact = false) {
      const message = entry(index) as unknown as { readonly [name: string]: unknown };
      return FIELDS.map((field) => {
        const value = message[field.localName];
        const isFloat = field.fieldKind === "scalar" && field.scalar === ScalarType.FLOAT;
        return isFloat && !isExact ? formatFloat(value as number) : String(value);
      });
    },
  };
}

interface Entries {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly skippedRows: number;
}

/** Every field of a report is known: what has others is another message. */
function findEntries(bytes: Uint8Array, isPart: boolean): Entries | undefined {
  const cursor = createCursor(bytes);
  const [starts, ends]: [number[], number[]] = [[], []];
  let skippedRows = 0;
  while (cursor.at < cursor.end) {
    const tag = readTag(cursor);
    if (tag?.field === ENTRIES && tag.wire === WIRE_BYTES) {
      const length = readVarint(cursor);
      if (length === undefined || cursor.at + length > cursor.end)
        return isPart ? { starts, ends, skippedRows } : undefined;
      starts.push(cursor.at);
      cursor.at += length;
      ends.push(cursor.at);
    } else if (tag?.field === SKIPPED && tag.wire === WIRE_VARINT) {
      skippedRows = readVarint(cursor) ?? 0;
    } else {
      return isPart && tag === undefined ? { starts, ends, skippedRows } : undefined;
    }
  }
  return starts.length === 0 && skippedRows === 0 ? undefined : { starts, ends, skippedRows };
}

/** The shortest decimal that is this 32-bit float. */
export function formatFloat(value: number): string {
  for (let digits = 6; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}
