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

// A file is text, one record a line; the first character says what it is. Beside the time, which stands once before all
// that was written at once, a line takes one byte more than it had, so that a file is about as long as what it holds.
//
//   #{"node_id":"fetch","attempt":1}   whose file it is; its first line
//   @mhz4c1xk                          when what follows was written: milliseconds since 1970, to the base of 36
//   oa line of stdout                  e: of stderr, b: Busbar's own
//   Oa part of one                     E, B

const LETTERS: { readonly [stream in LogStream]: string } = { stdout: "o", stderr: "e", busbar: "b" };
const STREAM_OF: ReadonlyMap<string, LogStream> = new Map(STREAMS.map((stream) => [LETTERS[stream], stream]));

export function headRecord({ nodeId, attempt }: AttemptKey): string {
  return `#${JSON.stringify({ node_id: nodeId, attempt })}\n`;
}

export function timeRecord(ms: number): string {
  return `@${ms.toString(36)}\n`;
}

export function lineRecord(stream: LogStream, text: string): string {
  return `${LETTERS[stream]}${text}\n`;
}

export function partRecord(stream: LogStream, text: string): string {
  return `${LETTERS[stream].toUpperCase()}${text}\n`;
}

/** Whether a record ends a line, by its first byte and the last but one before its newline. */
export function endsLine(first: number, lastButOne: number): boolean {
  const letter = String.fromCharCode(first);
  return letter === "{" ? lastButOne === QUOTE : STREAM_OF.has(letter);
}

/** Of a whole line of Busbar 0.1.0, which ends with `"}`; a part ends with `true}`. */
const QUOTE = 0x22;

/** Reads the records of one file, from its beginning. */
export interface RecordReader {
  /** Undefined for what is no line: whose and when, or torn by a crash or a full disk, or damaged. */
  read(text: string): LogRecord | undefined;
}

export function createRecordReader(): RecordReader {
  let head: Pick<LogRecord, "node_id" | "attempt"> | undefined;
  let at: string | undefined;
  return {
    read(text) {
      const letter = text.charAt(0);
      const rest = text.slice(1);
      if (letter === "#") head = parseJson(rest, isHead);
      else if (letter === "@") at = readTime(rest);
      else if (letter === "{") return parseJson(text, isRecord);
      const stream = STREAM_OF.get(letter.toLowerCase());
      if (stream === undefined || head === undefined || at === undefined) return undefined;
      const line = { at, ...head, stream, text: rest };
      return STREAM_OF.has(letter) ? line : { ...line, part: true };
    },
  };
}

/** About the bytes that were written for a record to be made, by a container. */
export function contentOf({ stream, text, part }: LogRecord): number {
  return stream === "busbar" || part === true ? 0 : Buffer.byteLength(text) + 1;
}

function readTime(text: string): string | undefined {
  const ms = Number.parseInt(text, 36);
  return Number.isFinite(ms) && Math.abs(ms) <= MAX_MS ? new Date(ms).toISOString() : undefined;
}

/** What a Date can hold. */
const MAX_MS = 8.64e15;

function parseJson<T>(text: string, isRight: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRight(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHead(value: unknown): value is Pick<LogRecord, "node_id" | "attempt"> {
  const { node_id, attempt } = (value ?? {}) as Partial<LogRecord>;
  return typeof node_id === "string" && typeof attempt === "number";
}

/** As Busbar 0.1.0 wrote lines, and parts of them. */
function isRecord(value: unknown): value is LogRecord {
  const { at, text, stream } = (value ?? {}) as Partial<LogRecord>;
  return isHead(value) && typeof at === "string" && typeof text === "string" && STREAMS.includes(stream as LogStream);
}
