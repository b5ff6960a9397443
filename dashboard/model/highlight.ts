// Colours for the source of a workflow: what is a key, a text, a number. By the line, without understanding the file: what
// it means is the server's to say, and a broken one is shown as well.

/** What a piece of a line is. */
export type PieceKind = "key" | "text" | "value" | "comment" | "reference" | "plain";

export interface Piece {
  readonly kind: PieceKind;
  readonly text: string;
}

const DOUBLE = `"(?:[^"\\\\]|\\\\.)*"`;
const SINGLE = `'(?:[^']|'')*'`;
/** One that does not end in its line is a text up to there. */
const TEXT = `${DOUBLE}|${SINGLE}|["'].*`;
const VALUE = `-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null|~`;
/** Where a value ends: what is glued to more is a text of its own (`5m`, `true-ish`). */
const END = `(?=[\\s,\\]}]|$)`;

const JSON_PIECES = new RegExp(`(?<key>${DOUBLE}(?=\\s*:))|(?<text>${DOUBLE}|".*)|(?<value>(?:${VALUE})${END})`, "gy");

const YAML_PIECES = new RegExp(
  `(?<comment>(?<![^\\s])#.*)` +
    `|(?<key>(?:${DOUBLE}|${SINGLE}|[^\\s#"'{}[\\],&*!|>%@\`:-][^#{}[\\],:]*|[-:][^\\s#{}[\\],:]+)(?=\\s*:(?:\\s|$)))` +
    `|(?<text>${TEXT})` +
    `|(?<value>(?<=[\\s,[{])(?:${VALUE})${END})`,
  "gy",
);

/** In characters: a longer line is data, or a whole file in one line, and stays as it is. */
const LONGEST = 2_000;

const REFERENCE = /\$?\$\{[^}]*\}?/g;
/** `key: |` and the like: lines below that are further in are a text, whatever is in them. */
const BLOCK = /(?:^|[\s:-])[|>][+-]?\d?[+-]?\s*(?:#.*)?$/;

/** Cuts lines into pieces. Their texts together are the line. */
export function highlight(lines: readonly string[], format: "json" | "yaml"): readonly (readonly Piece[])[] {
  if (format === "json") return lines.map((line) => cut(line, JSON_PIECES));
  let blockIndent: number | undefined;
  return lines.map((line) => {
    const indent = line.search(/\S/);
    if (blockIndent !== undefined && (indent === -1 || indent > blockIndent)) {
      return line === "" ? [] : withReferences({ kind: "text", text: line });
    }
    blockIndent = BLOCK.test(line) && !/^\s*#/.test(line) ? indent : undefined;
    return cut(line, YAML_PIECES);
  });
}

function cut(line: string, pattern: RegExp): readonly Piece[] {
  if (line.length > LONGEST) return [{ kind: "plain", text: line }];
  const pieces: Piece[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") pieces.push(...withReferences({ kind: "plain", text: plain }));
    plain = "";
  };
  for (let position = 0; position < line.length; ) {
    pattern.lastIndex = position;
    const found = isWordInside(plain) ? null : pattern.exec(line);
    if (found === null || found[0] === "") {
      plain += line[position];
      position += 1;
      continue;
    }
    flush();
    const kind = KINDS.find((one) => found.groups?.[one] !== undefined) ?? "plain";
    pieces.push(...withReferences({ kind, text: found[0] }));
    position += found[0].length;
  }
  flush();
  return pieces;
}

const KINDS = ["comment", "key", "text", "value"] as const;

/** Nothing begins within a word: the quote of `it's`, the `5` of `pm25`. */
function isWordInside(before: string): boolean {
  return /[^\s,[\]{}:]/.test(before.slice(-1)) && before.trim() !== "-";
}

function withReferences({ kind, text }: Piece): readonly Piece[] {
  if (kind === "comment" || !text.includes("${")) return [{ kind, text }];
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(REFERENCE)) {
    if (found[0].startsWith("$$")) continue;
    if (found.index > from) pieces.push({ kind, text: text.slice(from, found.index) });
    pieces.push({ kind: "reference", text: found[0] });
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push({ kind, text: text.slice(from) });
  return pieces;
}

/** From a column, to the one after the last; from 0. */
export interface ColumnRange {
  readonly from: number;
  readonly until: number;
}

/** Cuts pieces where ranges begin and end. */
export function markPieces(
  pieces: readonly Piece[],
  ranges: readonly ColumnRange[],
): readonly (Piece & { readonly isMarked: boolean })[] {
  let column = 0;
  return pieces.flatMap(({ kind, text }) => {
    const start = column;
    column += text.length;
    const cuts = ranges.flatMap(({ from, until }) => [from, until]).filter((at) => at > start && at < column);
    const edges = [...new Set([start, ...cuts, column])].sort((a, b) => a - b);
    return edges.slice(0, -1).map((at, position) => ({
      kind,
      text: text.slice(at - start, (edges[position + 1] ?? column) - start),
      isMarked: ranges.some(({ from, until }) => at >= from && at < until),
    }));
  });
}
