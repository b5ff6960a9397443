import type { ReactNode } from "react";

/** Compare. */
export function ComparePage(): ReactNode {
  return (
    <div className="page">
      <h1>Compare</h1>
    </div>
  );
}
