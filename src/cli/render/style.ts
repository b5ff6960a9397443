import { toAsciiMarks } from "./charset.ts";

/** Colours of a terminal, or nothing where there are none; and its marks. */
export interface Style {
  /** The text as it is shown. Whoever measures a text measures this. */
  show(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  magenta(text: string): string;
  blue(text: string): string;
}

const plain = (text: string): string => text;

/** Select Graphic Rendition, ECMA-48 §8.3.117: on, text, off. */
function sgr(on: number, off: number, text: string): string {
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

export function createStyle(colors: boolean, unicode = true): Style {
  const paint = (on: number, off: number) => (colors ? (text: string) => sgr(on, off, text) : plain);
  return {
    show: unicode ? plain : toAsciiMarks,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    magenta: paint(35, 39),
    blue: paint(34, 39),
  };
}
