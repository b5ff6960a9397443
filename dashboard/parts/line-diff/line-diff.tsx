import { type ReactNode, useMemo } from "react";
import { type DiffLine, diffLines, hunksOf } from "../../model/line-diff.ts";
import "./line-diff.css";

const SIGNS = { same: " ", gone: "-", new: "+" } as const;
const WORDS = { same: "", gone: "gone: ", new: "new: " } as const;

interface LineDiffProps {
  readonly before: string;
  readonly after: string;
  /** What it is of, for who does not see it. */
  readonly label: string;
}

/** The lines that changed between two texts, with some around them. */
export function LineDiff({ before, after, label }: LineDiffProps): ReactNode {
  const hunks = useMemo(() => hunksOf(diffLines(before, after)), [before, after]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="line-diff" aria-label={label} tabIndex={0}>
      {hunks.map((hunk) => (
        <div key={keyOf(hunk[0])} className="line-diff-hunk">
          {hunk.map((line) => (
            <div key={keyOf(line)} className={`line-diff-line line-diff-${line.kind}`}>
              <span className="line-diff-number" aria-hidden="true">
                {"before" in line ? line.before : ""}
              </span>
              <span className="line-diff-number" aria-hidden="true">
                {"after" in line ? line.after : ""}
              </span>
              <span className="line-diff-sign" aria-hidden="true">
                {SIGNS[line.kind]}
              </span>
              <span className="unseen">{WORDS[line.kind]}</span>
              <code>{line.text}</code>
            </div>
          ))}
        </div>
      ))}
    </section>
  );
}

function keyOf(line: DiffLine | undefined): string {
  if (line === undefined) return "";
  return line.kind === "gone" ? `-${line.before}` : `+${line.after}`;
}
