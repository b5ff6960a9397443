// The lines of a log as the page holds them: pure, and told of in pieces.
import { plainText, readLine } from "./ansi.ts";
import { PLAIN, type TextStyle } from "./text-style.ts";

/** A line as the API gives it. */
export interface LogLine {
  readonly at: string;
  readonly attempt: number;
  readonly stream: "stdout" | "stderr" | "busbar";
  readonly text: string;
}

/** A line with what is shown of it. */
export interface HeldLine extends LogLine {
  /** Its text without what a terminal would obey: what is searched. */
  readonly plain: string;
  /** The style that the line before it has left. */
  readonly start: TextStyle;
  /** How much is missing here: `12 MB`. */
  readonly leftOut?: string;
}

export interface LogBuffer {
  /** Oldest first. More are added in place; where some were dropped it is another list. */
  readonly lines: readonly HeldLine[];
  /** Lines that came before those that are held, and were let go for the sake of memory. */
  readonly dropped: number;
  add(lines: readonly LogLine[]): void;
}

/** More than any attempt keeps of lines of a common length (16 MiB); a page stays fluid with them. */
const MAX_LINES = 500_000;

export function createLogBuffer(maxLines: number = MAX_LINES): LogBuffer {
  let lines: HeldLine[] = [];
  /** The style that each stream of each attempt has left. */
  const styles = new Map<string, TextStyle>();
  let dropped = 0;
  return {
    get lines() {
      return lines;
    },
    get dropped() {
      return dropped;
    },
    add(more) {
      for (const line of more) {
        const stream = `${line.attempt} ${line.stream}`;
        const start = styles.get(stream) ?? PLAIN;
        const read = readLine(line.text, start);
        if (read.end !== start) styles.set(stream, read.end);
        const leftOut = leftOutOf(line);
        lines.push({ ...line, plain: plainText(read), start, ...(leftOut === undefined ? {} : { leftOut }) });
      }
      if (lines.length <= maxLines) return;
      // Some at once: each time all that stay are moved.
      const excess = lines.length - Math.ceil(maxLines * 0.9);
      lines = lines.slice(excess);
      dropped += excess;
    },
  };
}

/** Busbar keeps the beginning and the end of a log that is too long, and says between them what is missing. */
function leftOutOf({ stream, text }: LogLine): string | undefined {
  return stream === "busbar" ? /^… (.+) left out …$/.exec(text)?.[1] : undefined;
}

/**
 * How many of the lines had been written by an instant; none of those is later.
 * @param at in milliseconds since the epoch
 */
export function countUntil(lines: readonly LogLine[], at: number): number {
  const until = new Date(at).toISOString();
  // One after the other: a clock may have been set back between them.
  const later = lines.findIndex((line) => line.at > until);
  return later === -1 ? lines.length : later;
}

/** Finds a text in any case of its letters. @param flags beside `i` */
export function patternOf(text: string, flags = ""): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), `i${flags}`);
}

/** The places of the lines that have a text in them, whatever the case of its letters. */
export function findLines(lines: readonly HeldLine[], count: number, text: string): readonly number[] {
  if (text === "") return [];
  const pattern = patternOf(text);
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) if (pattern.test(lines[index]?.plain ?? "")) found.push(index);
  return found;
}
