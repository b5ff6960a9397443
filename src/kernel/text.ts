import { lazily } from "./lazily.ts";

/** Bytes of a foreign text that are kept (semantics.md, "Events"). */
export const MAX_TEXT_BYTES = 4096;

/**
 * A text from outside, made safe to record and print: control characters escaped
 * as `\xNN` (tab and newline as `\t`, `\n`), lone surrogates replaced, and cut at
 * 4 KiB of UTF-8 with `…[+N bytes]` at the end.
 */
export function cleanText(text: string, maxBytes: number = MAX_TEXT_BYTES): string {
  if (text.length <= maxBytes && PRINTABLE_ASCII.test(text)) return text;
  // Escaping makes a text at most 4 times longer, so what lies far beyond the limit need not be looked at.
  const head = text.length > maxBytes ? text.slice(0, maxBytes) : text;
  const escaped = escapeControls(head.toWellFormed());
  const bytes = Buffer.byteLength(escaped);
  const beyond = text.length > head.length ? Buffer.byteLength(text.slice(head.length)) : 0;
  if (bytes <= maxBytes && beyond === 0) return escaped;
  const kept = cutToBytes(escaped, maxBytes);
  return withRest(kept, bytes - Buffer.byteLength(kept) + beyond);
}

/** Bytes of UTF-8 that the note at the end of a text that was cut takes at most. */
export const MAX_REST_BYTES = 32;

/** The beginning of a text, as many bytes of UTF-8 as are allowed; if that is not all of it, `…[+N bytes]` follows. */
export function cutText(text: string, maxBytes: number): string {
  const kept = cutToBytes(text, maxBytes);
  return kept.length === text.length ? text : withRest(kept, Buffer.byteLength(text) - Buffer.byteLength(kept));
}

/** @param bytes of the text that are not there */
export function withRest(kept: string, bytes: number): string {
  return `${kept}…[+${bytes} bytes]`;
}

/** What nearly every text is; nothing is to be done to it, and finding that out is cheap. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** C0, DEL and C1 controls, and the characters that reorder or hide text on a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** Whether a character takes no place of its own on a line. */
export function isWithoutWidth(character: string): boolean {
  return getUnseen().withoutWidth.test(character);
}

/** Made when a text is not all ASCII: what Unicode says of its characters costs every start 0.7 ms otherwise. */
const getUnseen = lazily(() => {
  // Format characters, joiners, variation selectors, fillers, bidi controls.
  const withoutWidth = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u115f\u1160\u3164\uffa0]/u;
  // Spaces, whatever their width. Braille's pattern without dots is none to Unicode, and looks like one.
  const blank = String.raw`[\p{Zs}\u2800]`;
  return {
    /** What takes no place of its own on a line. */
    withoutWidth,
    eachWithoutWidth: new RegExp(withoutWidth, "gu"),
    /** The same, separators of lines, and every space but the usual one. */
    unseen: new RegExp(`${withoutWidth.source}|[\\p{Zl}\\p{Zp}]|(?! )${blank}`, "gu"),
    blanks: new RegExp(`${blank}+`, "gu"),
    /** A letter with its marks, or letters of Hangul, which may be written as one character or as several. */
    composed: /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|\P{M}\p{M}+|[^\0-\x7f]/gu,
  };
});

/**
 * A name so that two different ones look different: controls, characters that cannot be seen, and letters that are not
 * in the usual normal form (NFC) are escaped, as in `cafe\u0301`.
 */
export function escapeUnseen(text: string): string {
  const readable = escapeControls(text);
  if (PRINTABLE_ASCII.test(readable)) return readable;
  const { unseen, composed } = getUnseen();
  const visible = readable.replace(unseen, escapeAll);
  if (visible === visible.normalize("NFC")) return visible;
  return visible.replace(composed, (letter) => (letter === letter.normalize("NFC") ? letter : escapeAll(letter)));
}

/** What a name looks like: the same for two names that nobody could tell apart. */
export function appearanceOf(name: string): string {
  // Nearly every name; there may be 100,000 of them.
  if (/^[\x21-\x7e]*$/.test(name)) return name;
  const { eachWithoutWidth, blanks } = getUnseen();
  return name.replace(eachWithoutWidth, "").normalize("NFC").replace(blanks, " ").trim();
}

function escapeAll(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}

function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  // Never inside a UTF-8 sequence: continuation bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
