import { type ReactNode, useEffect, useState } from "react";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import { type ArtifactFacts, readBytes } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import "./text-view.css";

/** What is read of a text at a time. */
const PIECE_BYTES = 256 * 1024;
/** And of one at most; the rest is there to download. */
const MAX_BYTES = 2 * 1024 * 1024;

/** The beginning of a file, as text; more of it when that is asked for. */
export function TextView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  const { text, bytes, thrown, more, isReading } = useText(file);
  if (text === undefined)
    return thrown === undefined ? <Skeleton height={180} /> : <ProblemNote thrown={thrown} retry={more} />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className={isLarge ? "text-view text-view-large" : "text-view"} tabIndex={0}>
        {text}
      </pre>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={more} />}
      {bytes < file.size ? (
        <p className="quiet">
          The first {formatBytes(bytes)} of {formatBytes(file.size)}.{" "}
          {bytes < MAX_BYTES ? (
            <button type="button" className="button small" disabled={isReading} onClick={more}>
              Show more
            </button>
          ) : (
            "Download it for all."
          )}
        </p>
      ) : null}
    </>
  );
}

function useText(file: ArtifactFacts) {
  const [read, setRead] = useState<{ readonly text?: string; readonly bytes: number; readonly thrown?: unknown }>({
    bytes: 0,
  });
  const [asked, setAsked] = useState({ end: Math.min(file.size, PIECE_BYTES) });
  useEffect(() => {
    const gone = new AbortController();
    // Read from the beginning each time, so that a letter of several bytes at the end of a piece is whole.
    readBytes(file, 0, asked.end, gone.signal).then(
      (bytes) => setRead({ text: new TextDecoder().decode(bytes), bytes: bytes.length }),
      (thrown: unknown) => {
        if (!gone.signal.aborted) setRead((before) => ({ ...before, thrown }));
      },
    );
    return () => gone.abort();
  }, [file, asked]);
  const more = (): void => setAsked({ end: Math.min(file.size, MAX_BYTES, read.bytes + PIECE_BYTES) });
  return { ...read, more, isReading: read.bytes < asked.end && read.thrown === undefined };
}
