import type { ReactNode } from "react";
import type { HeldLine } from "./log-buffer.ts";

interface LogNotesProps {
  readonly lines: readonly HeldLine[];
  /** How many of them are shown. */
  readonly count: number;
  /** How many came before them. */
  readonly dropped: number;
  /** Brings a line into sight. */
  readonly onShow: (line: number) => void;
}

/** What is missing of a log, and how much. */
export function LogNotes({ lines, count, dropped, onShow }: LogNotesProps): ReactNode {
  const cut = lines.findIndex(({ leftOut }) => leftOut !== undefined);
  return (
    <>
      {cut < 0 || cut >= count ? null : (
        <p className="logs-cut">
          {lines[cut]?.leftOut} left out: of a long log the beginning and the end are kept.{" "}
          <button type="button" className="panel-link" onClick={() => onShow(cut)}>
            Show where
          </button>
        </p>
      )}
      {dropped === 0 ? null : (
        <p className="logs-cut">
          The first {dropped.toLocaleString("en")} lines are not shown: the page holds the last ones.
        </p>
      )}
    </>
  );
}
