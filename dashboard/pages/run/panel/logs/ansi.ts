// What programs write for terminals, as spans of styled text. Colours become those of the pages, which can be read on
// their ground in both themes; whatever else a terminal would obey is left out.

/** A colour by its name: the pages have each in a tone that can be read. `grey` stands back. */
export type Hue = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "grey";

/** How text is written; what is left out is as usual. */
export interface TextStyle {
  readonly colour?: Hue;
  readonly ground?: Hue;
  readonly bold?: true;
  readonly faint?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly struck?: true;
  /** Colour and ground change places. */
  readonly inverse?: true;
}

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

export const PLAIN: TextStyle = {};

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

const HUES: readonly (Hue | undefined)[] = ["grey", "red", "green", "yellow", "blue", "magenta", "cyan", undefined];

/** ECMA-48, "SGR", with what xterm adds. @param params between `ESC [` and `m` */
function applyCodes(before: TextStyle, params: string): TextStyle {
  // A parameter may have parts of its own: 38:2::R:G:B is one, 38;2;R;G;B are five.
  const codes = params.split(";").map((param) => param.split(":").map(Number));
  let style: Mutable = { ...before };
  for (let index = 0; index < codes.length; index += 1) {
    const [code = 0, ...parts] = codes[index] ?? [];
    if (code === 38 || code === 48) {
      const rest = parts.length > 0 ? parts : codes.slice(index + 1).map(([one = 0]) => one);
      const given = readColour(rest, parts.length > 0);
      if (parts.length === 0) index += given.used;
      set(style, code === 38 ? "colour" : "ground", given.hue);
    } else if (code === 0) style = {};
    else applyCode(style, code, parts);
  }
  return style;
}

type Mutable = { -readonly [key in keyof TextStyle]: TextStyle[key] };

function applyCode(style: Mutable, code: number, parts: readonly number[]): void {
  switch (code) {
    case 1:
      style.bold = true;
      return;
    case 2:
      style.faint = true;
      return;
    case 3:
      style.italic = true;
      return;
    case 4:
      set(style, "underline", parts[0] === 0 ? undefined : true);
      return;
    case 7:
      style.inverse = true;
      return;
    case 9:
      style.struck = true;
      return;
    case 21:
      style.underline = true;
      return;
    case 22:
      delete style.bold;
      delete style.faint;
      return;
    case 23:
      delete style.italic;
      return;
    case 24:
      delete style.underline;
      return;
    case 27:
      delete style.inverse;
      return;
    case 29:
      delete style.struck;
      return;
    case 39:
      delete style.colour;
      return;
    case 49:
      delete style.ground;
      return;
  }
  if (isWithin(code, 30) || isWithin(code, 90)) set(style, "colour", HUES[code % 10]);
  if (isWithin(code, 40) || isWithin(code, 100)) set(style, "ground", HUES[code % 10]);
}

function isWithin(code: number, first: number): boolean {
  return code >= first && code <= first + 7;
}

function set<K extends keyof Mutable>(style: Mutable, key: K, value: Mutable[K]): void {
  if (value === undefined) delete style[key];
  else style[key] = value;
}

/** What follows 38 or 48. @returns how many parameters it took */
function readColour(
  rest: readonly number[],
  isOneParam: boolean,
): { readonly hue: Hue | undefined; readonly used: number } {
  const [space, ...values] = rest;
  if (space === 5) return { hue: hueOfIndex(values[0] ?? 0), used: 2 };
  if (space !== 2) return { hue: undefined, used: 1 };
  // With colons a colour space may stand before the three.
  const rgb = isOneParam ? values.slice(values.length > 3 ? 1 : 0) : values;
  return { hue: hueOf(rgb[0] ?? 0, rgb[1] ?? 0, rgb[2] ?? 0), used: 4 };
}

/** Of the 256 colours: the 16 of every terminal, a cube of 6 × 6 × 6, and 24 greys. */
function hueOfIndex(index: number): Hue | undefined {
  if (index < 16) return HUES[index % 8];
  if (index >= 232) return index < 250 ? "grey" : undefined;
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const cube = index - 16;
  return hueOf(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** Where the turn of a hue begins, in degrees. */
const TURNS: readonly (readonly [from: number, hue: Hue])[] = [
  [335, "red"],
  [265, "magenta"],
  [200, "blue"],
  [165, "cyan"],
  [75, "green"],
  [20, "yellow"],
  [0, "red"],
];

/** The name that comes next to a colour. @param red each 0 to 255 */
function hueOf(red: number, green: number, blue: number): Hue | undefined {
  const most = Math.max(red, green, blue);
  const chroma = most - Math.min(red, green, blue);
  if (chroma < 40) return most < 200 ? "grey" : undefined;
  const sixth =
    most === red ? (green - blue) / chroma : most === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
  const degrees = (sixth * 60 + 360) % 360;
  return TURNS.find(([from]) => degrees >= from)?.[1];
}
