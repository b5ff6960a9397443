import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import { isApiError } from "../../api/client.ts";
import type { WorkflowView } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { NotFound } from "../../parts/not-found.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { usePlace } from "../../router.ts";
import { GraphCard } from "./graph/graph-card.tsx";
import { OutcomesCard } from "./outcomes/outcomes-card.tsx";
import { Diagnostics } from "./source/diagnostics.tsx";
import { SourceCard } from "./source/source-card.tsx";
import { StartPanel } from "./start/start-panel.tsx";
import { useFileChanges } from "./use-file-changes.ts";
import { VersionsCard } from "./versions/versions-card.tsx";
import { WorkflowHead } from "./workflow-head.tsx";
import { WorkflowSkeleton } from "./workflow-skeleton.tsx";
import "./workflow-page.css";

/** One workflow: its file as it stands, or one of its versions where the address names that. */
export function WorkflowPage({ name }: { readonly name: string }): ReactNode {
  const version = usePlace().query.get("version") || undefined;
  const key = `${name} ${version ?? ""}`;
  const { value: workflow, thrown, reload } = useLoad(key, (signal) => ask(name, version, signal));
  useFileChanges(name, workflow, version, reload);
  if (isApiError(thrown) && thrown.problem.code === "WORKFLOW_UNKNOWN") {
    return <NotFound what={`${thrown.problem.detail}. ${thrown.problem.remedy}`} />;
  }
  if (workflow === undefined) {
    return thrown === undefined ? (
      <WorkflowSkeleton name={name} />
    ) : (
      <div className="page">
        <ProblemNote thrown={thrown} retry={reload} />
      </div>
    );
  }
  return (
    <div className="workflow-page">
      <WorkflowHead workflow={workflow} version={version} onStored={reload} />
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      <Diagnostics workflow={workflow} />
      <div className="workflow-columns">
        <div className="workflow-main">
          {workflow.graph.nodes.length === 0 ? null : <GraphCard workflow={workflow} />}
          {/* Of a broken file nothing matters as much as where it is broken. */}
          {workflow.valid ? null : <SourceCard workflow={workflow} />}
          <OutcomesCard workflow={name} />
          {workflow.valid ? <SourceCard workflow={workflow} /> : null}
          <VersionsCard workflow={workflow} version={version} />
        </div>
        <StartPanel workflow={workflow} version={version} />
      </div>
    </div>
  );
}

function ask(name: string, version: string | undefined, signal: AbortSignal): Promise<WorkflowView> {
  return version === undefined
    ? api.call("get", "/api/v1/workflows/{name}", { path: { name }, signal })
    : api.call("get", "/api/v1/workflows/{name}/versions/{definition_hash}", {
        path: { name, definition_hash: version },
        signal,
      });
}
