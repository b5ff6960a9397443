import stringWidth from "string-width";

const graphemes = new Intl.Segmenter();

/** Columns a text takes on a terminal; wide characters take two, escape sequences none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text cut to at most `columns` ≥ 1, with `…` where something is missing. Expects a text without colours. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
