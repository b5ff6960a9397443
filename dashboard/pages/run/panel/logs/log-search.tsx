import type { KeyboardEvent, ReactNode } from "react";

interface LogSearchProps {
  readonly find: string;
  readonly onFind: (find: string) => void;
  /** How many lines have it, and which of them is looked at, from 1; 0: none yet. */
  readonly count: number;
  readonly current: number;
  /** To the next one, or the one before. */
  readonly onStep: (by: 1 | -1) => void;
  readonly isOnly: boolean;
  readonly onOnly: (isOnly: boolean) => void;
}

/** Looks for a text in the lines of a log. */
export function LogSearch({ find, onFind, count, current, onStep, isOnly, onOnly }: LogSearchProps): ReactNode {
  function press(event: KeyboardEvent): void {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onStep(event.shiftKey ? -1 : 1);
  }
  return (
    <div className="logs-search">
      <input
        type="search"
        className="field field-small"
        placeholder="Find in the log"
        aria-label="Find in the log"
        value={find}
        onChange={({ target }) => onFind(target.value)}
        onKeyDown={press}
      />
      {find === "" ? null : (
        <>
          <span className="logs-found" role="status">
            {count === 0
              ? "no line"
              : `${current === 0 ? "" : `${current} of `}${count} ${count === 1 ? "line" : "lines"}`}
          </span>
          <button
            type="button"
            className="button small"
            aria-label="The line before"
            disabled={count === 0}
            onClick={() => onStep(-1)}
          >
            ↑
          </button>
          <button
            type="button"
            className="button small"
            aria-label="The next line"
            disabled={count === 0}
            onClick={() => onStep(1)}
          >
            ↓
          </button>
          <button type="button" className="button small" aria-pressed={isOnly} onClick={() => onOnly(!isOnly)}>
            only these
          </button>
        </>
      )}
    </div>
  );
}
