import type { ReactNode } from "react";
import { Skeleton } from "../../parts/skeleton.tsx";

/** In place of a workflow that is being loaded: its name is in the address already. */
export function WorkflowSkeleton({ name }: { readonly name: string }): ReactNode {
  return (
    <div className="workflow-page">
      <header className="workflow-head">
        <h1>{name}</h1>
        <Skeleton height={22} />
      </header>
      <div className="workflow-columns" role="status" aria-label="Loading">
        <div className="workflow-main">
          <Skeleton height={219} />
          <Skeleton height={302} />
          <Skeleton height={320} />
        </div>
        <Skeleton height={360} />
      </div>
    </div>
  );
}
