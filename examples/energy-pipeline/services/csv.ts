// CSV as in RFC 4180, streaming: LF or CRLF, quoted fields with commas, quotes and newlines, a BOM skipped.
//
// Text is held as latin1, one character a byte: fields pass through byte for
// byte, whatever their encoding, and a chunk can end anywhere.
import { open } from "node:fs/promises";

export interface CsvRow {
  /** Where the row begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why the fields are not what the file says. */
  readonly problem?: string;
}

export interface CsvParser {
  /** The rows that are complete with this text. */
  push(text: string): CsvRow[];
  /** The last row, if the file does not end with a newline. */
  end(): CsvRow[];
}

const BOM = "\xef\xbb\xbf";
/** Small enough that the text of a chunk dies young: 256 KiB cost 100 MB more at the same speed. */
const CHUNK_BYTES = 32 * 1024;
/** A row longer than this is not waited for, so that memory stays bounded. */
const MAX_ROW_BYTES = 1024 * 1024;

/**
 * Parses as Python's csv module does where RFC 4180 is silent: a quote within an
 * unquoted field is a character, text after a closing quote belongs to the
 * field, an empty line is no row. A quote that is never closed (within
 * {@link MAX_ROW_BYTES}) is a character too, so that it spoils its own line only.
 */
export function createCsvParser(): CsvParser {
  let rest = "";
  let line = 1;
  let started = false;
  let discarding = false;

  const parse = (text: string, final: boolean): CsvRow[] => {
    const rows: CsvRow[] = [];
    let buffer = rest === "" ? text : rest + text;
    if (!started) {
      if (!final && buffer.length < BOM.length && BOM.startsWith(buffer)) {
        rest = buffer;
        return rows;
      }
      if (buffer.startsWith(BOM)) buffer = buffer.slice(BOM.length);
      started = true;
    }
    let at = 0;
    while (at < buffer.length) {
      if (discarding) {
        const newline = buffer.indexOf("\n", at);
        if (newline < 0) {
          at = buffer.length;
          break;
        }
        at = newline + 1;
        line += 1;
        discarding = false;
        continue;
      }
      const tooLong = buffer.length - at > MAX_ROW_BYTES;
      const scanned = scanRow(buffer, at, final) ?? (final || tooLong ? scanLine(buffer, at, final) : undefined);
      if (scanned !== undefined) {
        if (!scanned.blank) rows.push({ line, fields: scanned.fields });
        at = scanned.next;
        line += scanned.lines;
      } else if (tooLong) {
        rows.push({ line, fields: [], problem: `is longer than ${MAX_ROW_BYTES} bytes` });
        discarding = true;
      } else {
        break;
      }
    }
    rest = buffer.slice(at);
    return rows;
  };
  return { push: (text) => parse(text, false), end: () => parse("", true) };
}

interface Scanned {
  readonly fields: readonly string[];
  readonly next: number;
  readonly lines: number;
  readonly blank: boolean;
}

/** One row, or undefined where it is not complete. */
function scanRow(buffer: string, start: number, final: boolean): Scanned | undefined {
  const newline = buffer.indexOf("\n", start);
  if (newline < 0 && !final) return undefined;
  const end = newline < 0 ? buffer.length : newline;
  const quote = buffer.indexOf('"', start);
  return quote < 0 || quote > end ? scanLine(buffer, start, final) : scanQuoted(buffer, start, final);
}

/** One line as a row, quotes being characters. */
function scanLine(buffer: string, start: number, final: boolean): Scanned | undefined {
  const newline = buffer.indexOf("\n", start);
  if (newline < 0 && !final) return undefined;
  const end = newline < 0 ? buffer.length : newline;
  const text = buffer.slice(start, end > start && buffer[end - 1] === "\r" ? end - 1 : end);
  return { fields: text.split(","), next: end + 1, lines: 1, blank: text === "" };
}

function scanQuoted(buffer: string, start: number, final: boolean): Scanned | undefined {
  const fields: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    let field = "";
    if (buffer[at] === '"') {
      const closed = closingQuote(buffer, at);
      if (closed < 0 || (closed + 1 === buffer.length && !final)) return undefined;
      field = buffer.slice(at + 1, closed).replaceAll('""', '"');
      for (let i = buffer.indexOf("\n", at); i >= 0 && i < closed; i = buffer.indexOf("\n", i + 1)) lines += 1;
      at = closed + 1;
    }
    const comma = indexOrEnd(buffer, ",", at);
    const newline = indexOrEnd(buffer, "\n", at);
    if (comma < newline) {
      fields.push(field + buffer.slice(at, comma));
      at = comma + 1;
      continue;
    }
    if (newline === buffer.length && !final) return undefined;
    const end = newline > at && buffer[newline - 1] === "\r" ? newline - 1 : newline;
    fields.push(field + buffer.slice(at, end));
    return { fields, next: newline + 1, lines, blank: false };
  }
}

/** Where the quoted field that opens at `open` closes, or -1. */
function closingQuote(buffer: string, open: number): number {
  let at = buffer.indexOf('"', open + 1);
  while (at >= 0 && buffer[at + 1] === '"') at = buffer.indexOf('"', at + 2);
  return at;
}

function indexOrEnd(buffer: string, character: string, from: number): number {
  const at = buffer.indexOf(character, from);
  return at < 0 ? buffer.length : at;
}

/** The rows of a file, many at a time. Memory is bounded whatever the size of the file. */
export async function* readCsv(path: string, signal?: AbortSignal): AsyncGenerator<readonly CsvRow[]> {
  const parser = createCsvParser();
  for await (const chunk of readChunks(path, signal)) yield parser.push(chunk.toString("latin1"));
  yield parser.end();
}

/** The bytes of a file. A chunk is valid until the next is asked for. */
export async function* readChunks(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** A row as a line, fields quoted where they must be. */
export function formatCsvRow(fields: readonly string[]): string {
  let line = "";
  for (let i = 0; i < fields.length; i++) line += (i === 0 ? "" : ",") + quoteField(fields[i] ?? "");
  return `${line}\n`;
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * Where the wanted columns stand in a header.
 * @throws Error that names what is missing or stands twice
 */
export function findColumns(header: CsvRow | undefined, wanted: readonly string[]): number[] {
  const names = header?.fields ?? [];
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`Missing column${missing.length > 1 ? "s" : ""}: ${missing.join(", ")}`);
  const twice = wanted.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice.length > 0) throw new Error(`Column stands twice: ${twice.join(", ")}`);
  return wanted.map((name) => names.indexOf(name));
}
