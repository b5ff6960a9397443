import type { ReactNode } from "react";
import type { WorkflowView } from "../../api/shapes.ts";
import { Fact, Facts } from "../../parts/facts/facts.tsx";
import { Link } from "../../parts/link.tsx";
import { Status } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { UploadButton } from "../../parts/upload/upload-button.tsx";
import { workflowPath } from "../../router.ts";
import { shortHash } from "./short-hash.ts";

/** What it is called, whether it can be run, and the facts of its file. */
export function WorkflowHead({
  workflow,
  version,
  onStored,
}: {
  readonly workflow: WorkflowView;
  readonly version: string | undefined;
  readonly onStored: () => void;
}): ReactNode {
  const { name, file, valid, nodes, definition_hash: hash, versions, updated_at: updatedAt } = workflow;
  return (
    <header className="workflow-head">
      <div className="row">
        <Status status={valid ? "succeeded" : "failed"}>{valid ? "valid" : "broken"}</Status>
        <h1>{name}</h1>
        <span className="mono quiet workflow-file">{file}</span>
        <span className="grow" />
        {version === undefined ? (
          <UploadButton label="Replace its file" replaced={{ name, hash }} onStored={onStored} />
        ) : null}
      </div>
      <Facts>
        <Fact name="Nodes">{valid ? nodes : "-"}</Fact>
        <Fact name="Version">
          {hash === undefined ? "none yet" : <span className="mono">{shortHash(hash)}</span>}
          {versions > 1 ? ` of ${versions}` : ""}
        </Fact>
        <Fact name="Since">
          <Time iso={updatedAt} />
        </Fact>
      </Facts>
      {version === undefined ? null : (
        <p className="workflow-past" role="status">
          This is how it was in the version <code>{shortHash(version)}</code>.{" "}
          <Link to={workflowPath(name)}>Back to the file as it stands</Link>
        </p>
      )}
    </header>
  );
}
