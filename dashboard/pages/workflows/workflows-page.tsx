import type { ReactNode } from "react";

/** Workflows. */
export function WorkflowsPage(): ReactNode {
  return (
    <div className="page">
      <h1>Workflows</h1>
    </div>
  );
}
