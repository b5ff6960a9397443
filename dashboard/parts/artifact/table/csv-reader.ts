// Reads CSV as the server finds its rows (src/adapters/artifacts/find-rows.ts): RFC 4180, lines that end in LF or CRLF,
// and a quote within a plain field is a character like others.

/** One line of a table. */
export type Row = readonly string[];

/** No table has longer ones; a quote that nothing closes would be read to the end of the file, again and again. */
const MAX_ROW_CHARS = 4 * 1024 * 1024;

/** Is given a text in pieces. */
export interface CsvReader {
  /** @returns the rows that ended within this piece @throws Error where one is too long */
  take(piece: string): Row[];
  /** @returns the last row, where its line end is missing */
  end(): Row[];
}

export function createCsvReader(): CsvReader {
  /** What was not ended by the piece before. */
  let rest = "";
  return {
    take(piece) {
      const text = rest + piece;
      const { rows, used } = readRows(text);
      rest = text.slice(used);
      if (rest.length > MAX_ROW_CHARS) throw new Error("a row is too long, or a quote in it is never closed");
      return rows;
    },
    end() {
      const text = rest;
      rest = "";
      return text === "" ? [] : readRows(`${text}\n`, true).rows;
    },
  };
}

/** All rows of a text. */
export function readCsv(text: string): Row[] {
  const reader = createCsvReader();
  return [...reader.take(text), ...reader.end()];
}

/** @param isAll takes what is within quotes to its end, though nothing ends them */
function readRows(text: string, isAll = false): { rows: Row[]; used: number } {
  if (!text.includes('"')) return readPlainRows(text);
  const rows: Row[] = [];
  let used = 0;
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const field = readField(text, at, isAll);
    if (field === undefined) break;
    row.push(field.value);
    at = field.next + 1;
    if (text[field.next] === "\n") {
      rows.push(row);
      row = [];
      used = at;
    }
  }
  return { rows, used };
}

/** Nearly every file: no field has quotes. */
function readPlainRows(text: string): { rows: Row[]; used: number } {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const rows = lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line).split(","));
  return { rows, used: text.length - rest.length };
}

/** @returns the field, and where the comma or the line end after it is; undefined where the text ends before */
function readField(text: string, start: number, isAll: boolean): { value: string; next: number } | undefined {
  let value = "";
  let at = start;
  while (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    if (end === -1) return isAll ? { value: value + text.slice(at + 1, -1), next: text.length - 1 } : undefined;
    value += text.slice(at + 1, end);
    at = end + 1;
    // A quote after a quote stands for one of the field, which goes on.
    if (text[at] === '"') value += '"';
  }
  const from = at;
  while (at < text.length && text[at] !== "," && text[at] !== "\n") at += 1;
  if (at === text.length) return undefined;
  const isCrlf = text[at] === "\n" && at > from && text[at - 1] === "\r";
  return { value: value + text.slice(from, isCrlf ? at - 1 : at), next: at };
}
