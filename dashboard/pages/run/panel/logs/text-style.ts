// How text is written, as terminals are told it (ECMA-48, "SGR").
import { HUES, type Hue, readColour } from "./hue.ts";

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

export const PLAIN: TextStyle = {};

/** The style after codes, those that xterm adds among them. @param params between `ESC [` and `m` */
export function applyCodes(before: TextStyle, params: string): TextStyle {
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
