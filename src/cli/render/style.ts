/** Colours of a terminal, or nothing where there are none. */
export interface Style {
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

export function createStyle(colors: boolean): Style {
  if (!colors) {
    return {
      bold: plain,
      dim: plain,
      red: plain,
      green: plain,
      yellow: plain,
      cyan: plain,
      magenta: plain,
      blue: plain,
    };
  }
  return {
    bold: (text) => sgr(1, 22, text),
    dim: (text) => sgr(2, 22, text),
    red: (text) => sgr(31, 39, text),
    green: (text) => sgr(32, 39, text),
    yellow: (text) => sgr(33, 39, text),
    cyan: (text) => sgr(36, 39, text),
    magenta: (text) => sgr(35, 39, text),
    blue: (text) => sgr(34, 39, text),
  };
}
