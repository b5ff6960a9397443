import { type ReactNode, useMemo, useRef } from "react";
import type { Diagnostic, WorkflowView } from "../../../api/shapes.ts";
import { highlight } from "../../../model/highlight.ts";
import { useSeen } from "../../../parts/use-seen.ts";
import { SourceLine } from "./source-line.tsx";

/** Lines that are coloured together, when they come into view: a file may have a hundred thousand. */
const CHUNK = 100;

interface Chunk {
  /** Of its first line, from 1. */
  readonly from: number;
  readonly lines: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

interface SourceTextProps {
  readonly text: string;
  readonly format: WorkflowView["definition_format"];
  readonly diagnostics: readonly Diagnostic[];
}

/** A text with the numbers of its lines. */
export function SourceText({ text, format, diagnostics }: SourceTextProps): ReactNode {
  // Asked anew they are other objects that say the same: the text is not coloured again for that.
  const key = JSON.stringify(diagnostics);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what the diagnostics say
  const chunks = useMemo(() => chunksOf(text, diagnostics), [text, key]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="source" aria-label="Text of the file" tabIndex={0}>
      {chunks.map((chunk) => (
        <SourceChunk key={chunk.from} chunk={chunk} format={format} />
      ))}
    </section>
  );
}

/** Plain until it comes into view, so that the browser finds words in all of it. */
function SourceChunk({
  chunk: { from, lines, diagnostics },
  format,
}: {
  readonly chunk: Chunk;
  readonly format: WorkflowView["definition_format"];
}): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const isShown = useSeen(element) || diagnostics.length > 0;
  const pieces = useMemo(() => (isShown ? highlight(lines, format) : []), [isShown, lines, format]);
  return (
    <div ref={element}>
      {isShown ? (
        pieces.map((line, position) => {
          const number = from + position;
          const here = diagnostics.filter(({ line: place }) => place === number);
          return <SourceLine key={number} number={number} pieces={line} diagnostics={here} />;
        })
      ) : (
        <pre className="source-unseen">{lines.join("\n")}</pre>
      )}
    </div>
  );
}

function chunksOf(text: string, diagnostics: readonly Diagnostic[]): readonly Chunk[] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return Array.from({ length: Math.ceil(lines.length / CHUNK) }, (_, position) => {
    const from = position * CHUNK + 1;
    return {
      from,
      lines: lines.slice(from - 1, from - 1 + CHUNK),
      diagnostics: diagnostics.filter(({ line }) => line >= from && line < from + CHUNK),
    };
  });
}
