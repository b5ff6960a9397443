import type { ReactNode } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import { type ArtifactFacts, readBytes } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import "./text-view.css";

/** Of a text; the rest is there to download. */
const MAX_TEXT_BYTES = 256 * 1024;

/** The beginning of a file, as text. */
export function TextView({ file }: { readonly file: ArtifactFacts }): ReactNode {
  const end = Math.min(file.size, MAX_TEXT_BYTES);
  const { value, thrown, reload } = useLoad(file.etag, (signal) => readBytes(file, 0, end, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={180} />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className="text-view" tabIndex={0}>
        {new TextDecoder().decode(value)}
      </pre>
      {end < file.size ? (
        <p className="quiet">
          The first {formatBytes(end)} of {formatBytes(file.size)}. Download it for all.
        </p>
      ) : null}
    </>
  );
}
