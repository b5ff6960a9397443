import { lazy, type ReactNode, Suspense, useState } from "react";
import { useLoad } from "../../api/use-load.ts";
import { ProblemNote } from "../problem.tsx";
import { Skeleton } from "../skeleton.tsx";
import { Time } from "../time.tsx";
import { type ArtifactFacts, lookAtArtifact } from "./artifact-source.ts";
import { BytesView } from "./bytes/bytes-view.tsx";
import { Enlargeable } from "./enlargeable.tsx";
import { type FileView, viewsOf } from "./file-kind.ts";
import { formatBytes } from "./format-bytes.ts";
import { CsvView } from "./table/csv-view.tsx";
import { JsonView } from "./text/json-view.tsx";
import { TextView } from "./text/text-view.tsx";
import { ViewSwitch } from "./view-switch.tsx";
import "./artifact.css";

// What draws is loaded by those who look at a chart or a report.
const ChartView = lazy(async () => ({ default: (await import("./chart/chart-view.tsx")).ChartView }));
const ReportView = lazy(async () => ({ default: (await import("./report/report-view.tsx")).ReportView }));

/** The file that a node has made: what it is, a way to save it, and what is in it. */
export function Artifact({ runId, nodeId }: { readonly runId: string; readonly nodeId: string }): ReactNode {
  const {
    value: file,
    thrown,
    reload,
  } = useLoad(`${runId}/${nodeId}`, (signal) => lookAtArtifact(runId, nodeId, signal));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (file === undefined) return <Skeleton height={380} />;
  return <ArtifactFile key={file.etag} file={file} />;
}

function ArtifactFile({ file }: { readonly file: ArtifactFacts }): ReactNode {
  const views = viewsOf(file);
  const [view, setView] = useState<FileView>(views[0] ?? "bytes");
  return (
    <Enlargeable title={file.name}>
      {(enlarge) => (
        <div className="artifact">
          <div className="row artifact-head">
            {enlarge === undefined ? null : <span className="mono artifact-name">{file.name}</span>}
            <span className="quiet">{formatBytes(file.size)}</span>
            <span className="grow" />
            {enlarge}
            <a className="button small" href={file.url} download={file.name}>
              Download
            </a>
          </div>
          {file.isChanged ? (
            <p className="artifact-changed">
              This file was written to after the node had made it (<Time iso={file.modifiedAt} />
              ): it may be another run's.
            </p>
          ) : null}
          {file.size === 0 ? (
            <p className="quiet">The file is empty.</p>
          ) : (
            <>
              {views.length > 1 ? <ViewSwitch views={views} view={view} onChange={setView} /> : null}
              <Suspense fallback={<Skeleton height={314} />}>{contentOf(file, view, enlarge === undefined)}</Suspense>
            </>
          )}
        </div>
      )}
    </Enlargeable>
  );
}

function contentOf(file: ArtifactFacts, view: FileView, isLarge: boolean): ReactNode {
  switch (view) {
    case "table":
      return <CsvView file={file} isLarge={isLarge} />;
    case "chart":
      return <ChartView file={file} isLarge={isLarge} />;
    case "report":
      return <ReportView file={file} isLarge={isLarge} as="table" />;
    case "report chart":
      return <ReportView file={file} isLarge={isLarge} as="chart" />;
    case "tree":
      return <JsonView file={file} isLarge={isLarge} />;
    case "text":
      return <TextView file={file} isLarge={isLarge} />;
    case "bytes":
      return <BytesView file={file} isLarge={isLarge} />;
  }
}
