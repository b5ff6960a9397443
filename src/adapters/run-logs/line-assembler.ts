import { formatBytes } from "../../kernel/bytes.ts";
import type { LogLine, LogStream } from "../../ports/run-logs.ts";
import type { LogRecord } from "./records.ts";

/** Makes lines of records: a line is one record, or several parts and the record that ends it. */
export interface LineAssembler {
  add(record: LogRecord): void;
  /** So many bytes are missing here: said before the next line. */
  addGap(bytes: number): void;
  /** No more parts come of the lines that have no end yet: they are lines as they are. */
  endParts(): void;
  /** Drops the parts of lines that have no end yet. */
  dropParts(): void;
  hasParts(): boolean;
  /** The next line, which stays until it is skipped. */
  peek(): LogLine | undefined;
  skip(): void;
}

export function createLineAssembler(): LineAssembler {
  let lines: LogLine[] = [];
  let next = 0;
  let missingBytes = 0;
  const parts = new Map<LogStream, LogRecord[]>();

  function addLine({ at, node_id, attempt, stream, text }: LogRecord): void {
    if (missingBytes > 0) lines.push({ at, node_id, attempt, stream: "busbar", text: gapText(missingBytes) });
    missingBytes = 0;
    lines.push({ at, node_id, attempt, stream, text });
  }

  return {
    add(record) {
      if (record.part !== true) {
        parts.delete(record.stream);
        addLine(record);
        return;
      }
      const before = parts.get(record.stream);
      if (before === undefined) parts.set(record.stream, [record]);
      else before.push(record);
    },
    addGap(bytes) {
      missingBytes += bytes;
    },
    endParts() {
      for (const records of parts.values()) {
        const last = records.at(-1);
        if (last !== undefined) addLine({ ...last, text: records.map(({ text }) => text).join("") });
      }
      parts.clear();
    },
    dropParts: () => parts.clear(),
    hasParts: () => parts.size > 0,
    peek() {
      if (next === lines.length) {
        lines = [];
        next = 0;
      }
      return lines[next];
    },
    skip() {
      next += 1;
    },
  };
}

function gapText(bytes: number): string {
  return `… ${formatBytes(bytes)} left out …`;
}
