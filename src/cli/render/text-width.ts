import truncatedWidth from "fast-string-truncated-width";

/** Columns a text takes on a terminal; wide characters take two, escape sequences none. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** The text cut to at most `columns` ≥ 1, with `…` where something is missing. Expects a text without colours. */
export function truncate(text: string, columns: number): string {
  const cut = truncatedWidth(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  return cut.truncated ? `${text.slice(0, cut.index)}${cut.ellipsed ? "…" : ""}` : text;
}

/** The text filled with spaces to `columns`. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}
