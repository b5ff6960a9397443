import type { ReactNode } from "react";
import { useLoad } from "../../../api/use-load.ts";
import { ProblemNote } from "../../problem.tsx";
import { Skeleton } from "../../skeleton.tsx";
import { type ArtifactFacts, readBytes } from "../artifact-source.ts";
import { formatBytes } from "../format-bytes.ts";
import { hexLines } from "./hex-lines.ts";

/** Of a file that is no text. */
const MAX_BYTES = 4096;

/** The beginning of a file of any kind. */
export function BytesView({ file, isLarge }: { readonly file: ArtifactFacts; readonly isLarge: boolean }): ReactNode {
  const end = Math.min(file.size, MAX_BYTES);
  const { value, thrown, reload } = useLoad(file.etag, (signal) => readBytes(file, 0, end, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={220} />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className={isLarge ? "text-view text-view-large" : "text-view"} tabIndex={0}>
        {hexLines(value)}
      </pre>
      <p className="quiet">
        {end < file.size ? `The first ${formatBytes(end)} of ${formatBytes(file.size)}. ` : ""}
        What it is, its name does not say: download it to open it elsewhere.
      </p>
    </>
  );
}
