import type { ReactNode } from "react";

/** System. */
export function SystemPage(): ReactNode {
  return (
    <div className="page">
      <h1>System</h1>
    </div>
  );
}
