import { listSegments, readBytes, segmentPath } from "./attempt-files.ts";
import { createRecordReader, lineRecord, timeRecord } from "./records.ts";

/**
 * What Busbar itself did for an attempt (stream `busbar`), as records: it does not come again where the output of a
 * container does.
 * @param maxBytes about how much; the first of it
 */
export function readOwnRecords(folder: string, maxBytes: number): string {
  const own: string[] = [];
  let bytes = 0;
  for (const segment of listSegments(folder)) {
    const records = createRecordReader();
    const lines = readBytes(segmentPath(folder, segment), 0, segment.size)?.toString("utf8").split("\n") ?? [];
    for (const line of lines) {
      const record = records.read(line);
      if (record?.stream !== "busbar" || record.part === true) continue;
      own.push(timeRecord(Date.parse(record.at)), lineRecord("busbar", record.text));
      bytes += line.length;
      if (bytes >= maxBytes) return own.join("");
    }
  }
  return own.join("");
}
