import type { AttemptKey } from "../../ports/attempt-key.ts";
import type { LogLine, LogStream } from "../../ports/run-logs.ts";

export const STREAMS: readonly LogStream[] = ["stdout", "stderr", "busbar"];

/**
 * A line of a file. A part is what there is so far of a line whose end has not come, beyond the parts before it:
 * nothing that was written waits in the memory of the process. Once the line is whole it is written in one piece,
 * and its parts count no more. So parts matter only where nothing comes after them.
 */
export interface LogRecord extends LogLine {
  readonly part?: true;
}

/** Makes the records of one attempt. */
export interface RecordFormat {
  line(at: string, stream: LogStream, text: string): string;
  part(at: string, stream: LogStream, text: string): string;
}

export function createRecordFormat({ nodeId, attempt }: AttemptKey): RecordFormat {
  const heads = Object.fromEntries(
    STREAMS.map((stream) => [
      stream,
      `","node_id":${JSON.stringify(nodeId)},"attempt":${attempt},"stream":"${stream}","text":`,
    ]),
  );
  const head = (at: string, stream: LogStream, text: string): string =>
    `{"at":"${at}${heads[stream]}${JSON.stringify(text)}`;
  return {
    line: (at, stream, text) => `${head(at, stream, text)}}\n`,
    part: (at, stream, text) => `${head(at, stream, text)},"part":true}\n`,
  };
}

/** Whether a record ends a line, by the two bytes before its newline: `"}` and not `e}`. */
export function endsLine(beforeLast: number): boolean {
  return beforeLast === QUOTE;
}

const QUOTE = 0x22;

/** Undefined for what is no record: torn by a crash or a full disk, or damaged. */
export function parseRecord(text: string): LogRecord | undefined {
  try {
    const value: Partial<LogRecord> | null = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: Partial<LogRecord> | null): value is LogRecord {
  return (
    value !== null &&
    typeof value.at === "string" &&
    typeof value.node_id === "string" &&
    typeof value.attempt === "number" &&
    typeof value.text === "string" &&
    STREAMS.includes(value.stream as LogStream)
  );
}
