/** Texts shorter than this are not masked: they would tear ordinary words apart. */
export const MIN_PATTERN_LENGTH = 6;

/** What is to be hidden of a secret. */
export interface SecretPatterns {
  /** The value itself, however its lines end. */
  readonly whole: readonly string[];
  /** Single lines of a value that has several: programs print keys and configuration line by line. */
  readonly lines: readonly string[];
}

/** Where lines end (Unicode, UAX #14). */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** Where lines end in what was written as one; or a backslash with a letter after it, as in `C:\new`. */
const WRITTEN_LINE_END = /\\r\\n|\\[nr]/;

/** The frame of a key or certificate (RFC 7468, RFC 4880, RFC 4716) says only what it is. */
const ARMOUR = /^-{4,5} ?(?:BEGIN|END)\b.*-{4,5}$/;

export function patternsOf(value: string): SecretPatterns {
  // White space around it is no secret, and hiding the newline that ends it would join two lines.
  const trimmed = value.trim();
  const text = trimmed.length < MIN_PATTERN_LENGTH ? value : trimmed;
  const parts = text.split(LINE_END).flatMap((line) => [line, ...line.split(WRITTEN_LINE_END)]);
  const lines = parts.map((line) => line.trim());
  if (lines.every((line) => line === text)) return { whole: longEnough(inAllForms(text)), lines: [] };
  const inner = lines.filter((line) => line !== text && !ARMOUR.test(line));
  // A terminal ends lines by CR LF.
  const whole = [text, text.replaceAll(/\r?\n/g, "\n"), text.replaceAll(/\r?\n/g, "\r\n")];
  return { whole: longEnough(whole.flatMap(inAllForms)), lines: longEnough(inner.flatMap(inAllForms)) };
}

/** Whether everybody can read the line in `text` anyway, as it is or as JSON writes it. */
export function standsIn(text: string, line: string): boolean {
  return text.includes(line) || text.includes(asJson(line));
}

function longEnough(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text.length >= MIN_PATTERN_LENGTH && text.trim() !== "");
}

/** As it is, and as it stands within a text that is JSON, whichever of the usual encoders made it. */
function inAllForms(text: string): readonly string[] {
  const json = asJson(text);
  return [text, json, ...ESCAPED_TOO.map((characters) => json.replace(characters, escapeUnit))];
}

/** As it stands within a text that is JSON already: `a"b` as `a\"b`. */
function asJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** What other encoders of JSON escape beside what must be: Python's all that is not printable ASCII, Go's what HTML would take for markup. */
const ESCAPED_TOO = [/[^ -~]/g, /[<>&\u2028\u2029]/g];

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
