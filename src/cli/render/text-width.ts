import { eastAsianWidth } from "get-east-asian-width";

const PLAIN = /^[\x20-\x7e]*$/;
/**
 * Characters that take no column of their own: combining marks, joiners, variation selectors, tags. Of the other format
 * characters (Cf) terminals show some, such as the soft hyphen.
 */
const PLACELESS = /^[\p{Mn}\p{Me}\u200b-\u200f\u2060-\u2064\u206a-\u206f\ufeff\u{e0001}-\u{e007f}]$/u;
/** Asks for the coloured, wide form of the character before it. */
const EMOJI_FORM = "\ufe0f";

/**
 * Columns a text takes on a terminal. Expects no escape sequences.
 *
 * By code points, not by grapheme clusters: the cluster tables take 20 ms to load (docs/adr), as long as Node itself.
 * A sequence of joined emoji counts as more than it takes, never as less.
 */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += addedWidth(character);
  return width;
}

function addedWidth(character: string): number {
  if (character === EMOJI_FORM) return 1;
  return PLACELESS.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}

/** The text cut to at most `columns` ≥ 1, with an ellipsis where something is missing. Expects no escape sequences. */
export function truncate(text: string, columns: number, ellipsis = "…"): string {
  if (widthOf(text) <= columns) return text;
  const end = ellipsis.slice(0, columns);
  let kept = "";
  let width = end.length;
  for (const character of text) {
    width += addedWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return kept + end;
}
