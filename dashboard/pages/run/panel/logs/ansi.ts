// What programs write for terminals, as spans of styled text. Colours become those of the pages, which can be read on
// their ground in both themes; whatever else a terminal would obey is left out.
import { applyCodes, PLAIN, type TextStyle } from "./text-style.ts";

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style: TextStyle;
}

/** A line without what a terminal would obey. */
export interface ReadLine {
  readonly spans: readonly Span[];
  /** The style that the next line of the same stream begins with. */
  readonly end: TextStyle;
}

/** Controls but the tab, and characters that reorder or hide text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * A control sequence with its parameters and its last letter; a string for the terminal with its end (one that does not
 * end is left standing, so that it hides nothing); any other escape; any other control; a character that reorders.
 */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
  /(?:\x1b\[|\x9b)([0-?]*)([ -/]*)([@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]|([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])/g;

/** @param start the style that the line before has left */
export function readLine(text: string, start: TextStyle = PLAIN): ReadLine {
  if (!SPECIAL.test(text)) return { spans: text === "" ? [] : [{ text, style: start }], end: start };
  const spans: Span[] = [];
  let style = start;
  let pending = "";
  let done = 0;
  const flush = (): void => {
    if (pending !== "") spans.push({ text: pending, style });
    pending = "";
  };
  for (const match of text.matchAll(TOKEN)) {
    pending += text.slice(done, match.index);
    done = match.index + match[0].length;
    const [, params, between, letter, reorders] = match;
    if (reorders !== undefined) pending += `\\u${reorders.charCodeAt(0).toString(16).padStart(4, "0")}`;
    if (letter !== "m" || between !== "" || params === undefined || /[<-?]/.test(params)) continue;
    flush();
    style = applyCodes(style, params);
  }
  pending += text.slice(done);
  flush();
  return { spans, end: style };
}

/** The text of a line alone. */
export function plainText({ spans }: ReadLine): string {
  return spans.length === 1 && spans[0] !== undefined ? spans[0].text : spans.map(({ text }) => text).join("");
}
