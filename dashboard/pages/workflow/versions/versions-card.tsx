import { type ReactNode, useState } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import { VersionItem } from "./version-item.tsx";
import "./versions.css";

/** Each says what it changed when it comes into view. */
const FIRST = 10;

/** What the file has said over time, the newest first, and what each version changed. */
export function VersionsCard({
  workflow,
  version,
}: {
  readonly workflow: WorkflowView;
  readonly version: string | undefined;
}): ReactNode {
  const [isAll, setAll] = useState(false);
  const { history, name, valid, definition_hash: hash } = workflow;
  const shown = isAll ? history : history.slice(0, FIRST);
  const current = version ?? (valid ? hash : undefined);
  return (
    <section className="card" aria-labelledby="versions-title">
      <div className="row workflow-card-head">
        <h2 id="versions-title">Versions</h2>
        <span className="quiet">{history.length === 0 ? "none yet" : `${history.length}, newest first`}</span>
      </div>
      {history.length === 0 ? (
        <p className="workflow-card-note">What the file says becomes a version when it is valid.</p>
      ) : (
        <ol className="versions">
          {shown.map((one, position) => (
            <VersionItem
              key={`${one.at} ${one.definition_hash}`}
              workflow={name}
              version={one}
              before={history[position + 1]?.definition_hash}
              isFile={valid && position === 0}
              isShown={one.definition_hash === current}
            />
          ))}
        </ol>
      )}
      {shown.length < history.length ? (
        <p className="workflow-card-note">
          <button type="button" className="button small" onClick={() => setAll(true)}>
            Show all {history.length}
          </button>
        </p>
      ) : null}
    </section>
  );
}
