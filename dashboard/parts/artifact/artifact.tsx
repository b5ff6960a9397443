import type { ReactNode } from "react";
import { useLoad } from "../../api/use-load.ts";
import { ProblemNote } from "../problem.tsx";
import { Skeleton } from "../skeleton.tsx";
import { type ArtifactFacts, lookAtArtifact } from "./artifact-source.ts";
import { formatBytes } from "./format-bytes.ts";
import { CsvView } from "./table/csv-view.tsx";
import { TextView } from "./text/text-view.tsx";
import "./artifact.css";

/** The file that a node has made: what it is, a way to save it, and what is in it. */
export function Artifact({ runId, nodeId }: { readonly runId: string; readonly nodeId: string }): ReactNode {
  const {
    value: file,
    thrown,
    reload,
  } = useLoad(`${runId}/${nodeId}`, (signal) => lookAtArtifact(runId, nodeId, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (file === undefined) return <Skeleton height={220} />;
  return (
    <div className="artifact">
      <div className="row artifact-head">
        <span className="mono artifact-name">{file.name}</span>
        <span className="quiet">{formatBytes(file.size)}</span>
        <span className="grow" />
        <a className="button small" href={file.url} download={file.name}>
          Download
        </a>
      </div>
      {file.isChanged ? (
        <p className="artifact-changed">
          This file was written to after the node had made it ({file.modifiedAt}): it may be another run's.
        </p>
      ) : null}
      <ArtifactContent file={file} />
    </div>
  );
}

function ArtifactContent({ file }: { readonly file: ArtifactFacts }): ReactNode {
  if (file.size === 0) return <p className="quiet">The file is empty.</p>;
  if (file.mediaType === "text/csv") return <CsvView key={file.etag} file={file} />;
  return <TextView key={file.etag} file={file} />;
}
