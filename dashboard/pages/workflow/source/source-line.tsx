import type { ReactNode } from "react";
import type { Diagnostic } from "../../../api/shapes.ts";
import { markPieces, type Piece } from "../../../model/highlight.ts";
import { StatusIcon } from "../../../parts/status.tsx";
import { lineId } from "./line-id.ts";

interface SourceLineProps {
  /** From 1. */
  readonly number: number;
  readonly pieces: readonly Piece[];
  /** What is wrong in it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A line with its number; what is wrong in it is underlined, and told below it. */
export function SourceLine({ number, pieces, diagnostics }: SourceLineProps): ReactNode {
  const marked = markPieces(pieces, diagnostics.map(rangeOf));
  return (
    <div className={diagnostics.length > 0 ? "source-wrong" : undefined} id={lineId(number)}>
      <div className="source-line">
        <span className="source-number" aria-hidden="true">
          {number}
        </span>
        <code>
          {marked.map(({ kind, text, isMarked }, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
            <span key={position} className={`source-${kind}${isMarked ? " source-marked" : ""}`}>
              {text}
            </span>
          ))}
          {"\n"}
        </code>
      </div>
      {diagnostics.map((one) => (
        <p key={`${one.column} ${one.code}`} className="source-diagnostic">
          <StatusIcon status={one.severity === "warning" ? "interrupted" : "failed"} size={14} />
          <span>
            {one.message}. {one.suggestion === undefined ? "" : `Did you mean “${one.suggestion}”?`}
          </span>
        </p>
      ))}
    </div>
  );
}

/** Where it is in the line. Of a line that is masked nobody can say: nothing is underlined. */
function rangeOf({ column, length, source_line: line }: Diagnostic): { readonly from: number; readonly until: number } {
  return line === "" ? { from: 0, until: 0 } : { from: column - 1, until: column - 1 + length };
}
