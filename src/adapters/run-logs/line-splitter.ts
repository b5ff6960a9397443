/** Makes lines of a text that comes in pieces. */
export interface LineSplitter {
  /** The lines that the piece ends. */
  push(piece: string): readonly string[];
  /** What there is of the line that has no end yet. */
  rest(): string;
}

/**
 * A line ends with LF, CR LF (however many CRs), or a CR alone, by which a progress bar goes back to draw over
 * itself; what it draws over nothing is no line. A longer line than `maxChars` is cut, never inside a surrogate pair.
 */
export function createLineSplitter(maxChars: number): LineSplitter {
  let rest = "";
  /** What the CRs right before this place did: ended a line, or stood at the beginning of one. */
  let afterCr: "no" | "ended" | "began" = "no";

  /** Text without any end in it. */
  function extend(text: string, lines: string[]): void {
    if (text === "") return;
    afterCr = "no";
    rest += text;
    let from = 0;
    while (rest.length - from > maxChars) {
      const to = from + maxChars - (isHighSurrogate(rest.charCodeAt(from + maxChars - 1)) ? 1 : 0);
      lines.push(rest.slice(from, to));
      from = to;
    }
    if (from > 0) rest = rest.slice(from);
  }

  function end(lines: string[]): void {
    lines.push(rest);
    rest = "";
  }

  function lineFeed(lines: string[]): void {
    if (afterCr !== "ended") end(lines);
    afterCr = "no";
  }

  function carriageReturn(lines: string[]): void {
    if (rest !== "") {
      end(lines);
      afterCr = "ended";
    } else if (afterCr === "no") {
      afterCr = "began";
    }
  }

  return {
    push(piece) {
      const lines: string[] = [];
      let from = 0;
      for (const { index, 0: character } of piece.matchAll(/[\r\n]/g)) {
        extend(piece.slice(from, index), lines);
        if (character === "\n") lineFeed(lines);
        else carriageReturn(lines);
        from = index + 1;
      }
      extend(piece.slice(from), lines);
      return lines;
    },
    rest: () => rest,
  };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
