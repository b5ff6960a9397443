import { escapeControls } from "./text.ts";

const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * A word as one would type it in a POSIX shell, for people to read and to paste; Busbar gives nothing to a shell. It
 * is one line, whatever is in it: `$'…'` says what has no other sign.
 * @param plain words that need no quotes
 */
export function quoteWord(word: string, plain: RegExp = PLAIN): string {
  if (plain.test(word)) return word;
  const escaped = escapeControls(word);
  if (escaped === word) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${escapeControls(word.replace(/[\\']/g, "\\$&"))}'`;
}
