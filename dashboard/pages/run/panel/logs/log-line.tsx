import { memo, type ReactNode } from "react";
import { readLine } from "./ansi.ts";
import { type HeldLine, patternOf } from "./log-buffer.ts";
import type { TextStyle } from "./text-style.ts";

interface LogLineProps {
  readonly line: HeldLine;
  /** What is marked in it. */
  readonly find: string;
  readonly isCurrent: boolean;
}

/** Characters of the time before a line, with the space after it. */
export const TIME_CELLS = 13;

/** Who wrote a line, where it was not its program's usual output; as `busbar logs` marks them. */
const MARKS = { stdout: "", stderr: "! ", busbar: "» " } as const;

/** The text before a line's own. */
export function markOf({ stream }: Pick<HeldLine, "stream">): string {
  return MARKS[stream];
}

/** One line of a log: when it was written, and what it says. */
export const LogLineView = memo(function LogLineView({ line, find, isCurrent }: LogLineProps): ReactNode {
  const pieces = piecesOf(line, find);
  return (
    <div className={`logs-line logs-${line.stream}${isCurrent ? " logs-current" : ""}`}>
      <time dateTime={line.at}>{line.at.slice(11, 23)}</time> {MARKS[line.stream]}
      {pieces.map(({ text, style, isFound, key }) =>
        isFound ? (
          <mark key={key} className={classesOf(style)}>
            {text}
          </mark>
        ) : style === PLAIN_STYLE ? (
          text
        ) : (
          <span key={key} className={classesOf(style)}>
            {text}
          </span>
        ),
      )}
    </div>
  );
});

const PLAIN_STYLE = "";

interface Piece {
  readonly key: number;
  readonly text: string;
  readonly style: string;
  readonly isFound: boolean;
}

/** The spans of a line, cut once more where what is looked for begins and ends. */
function piecesOf(line: HeldLine, find: string): readonly Piece[] {
  const { spans } = readLine(line.text, line.start);
  const found = find === "" ? [] : [...line.plain.matchAll(patternOf(find, "g"))];
  const cuts = found.flatMap(({ index, 0: text }) => [index, index + text.length]);
  const pieces: Piece[] = [];
  let at = 0;
  let passed = 0;
  for (const { text, style } of spans) {
    const end = at + text.length;
    const names = namesOf(style);
    let from = at;
    while (from < end) {
      while (passed < cuts.length && (cuts[passed] ?? 0) <= from) passed += 1;
      const to = Math.min(end, cuts[passed] ?? end);
      pieces.push({ key: from, text: text.slice(from - at, to - at), style: names, isFound: passed % 2 === 1 });
      from = to;
    }
    at = end;
  }
  return pieces;
}

function namesOf(style: TextStyle): string {
  const { colour, ground, inverse } = style;
  const [ink, behind] = inverse === true ? [ground, colour ?? "grey"] : [colour, ground];
  return [
    ...(ink === undefined || behind !== undefined ? [] : [`logs-ink-${ink}`]),
    ...(behind === undefined ? [] : [`logs-ground-${behind}`]),
    ...(["bold", "faint", "italic", "underline", "struck"] as const)
      .filter((name) => style[name])
      .map((name) => `logs-${name}`),
  ].join(" ");
}

function classesOf(names: string): string | undefined {
  return names === "" ? undefined : names;
}
