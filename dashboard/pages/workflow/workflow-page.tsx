import type { ReactNode } from "react";

/** One workflow. */
export function WorkflowPage({ name }: { readonly name: string }): ReactNode {
  return (
    <div className="page">
      <h1>{name}</h1>
    </div>
  );
}
