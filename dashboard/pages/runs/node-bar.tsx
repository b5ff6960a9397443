import type { ReactNode } from "react";
import type { RunListing } from "../../api/shapes.ts";
import "./node-bar.css";

/** From what is done to what is not. */
const ORDER = ["succeeded", "failed", "cancelled", "skipped", "running", "waiting", "pending"] as const;

/** How many of a run's nodes stand how: as a bar, and succeeded of all in figures. */
export function NodeBar({ counts }: { readonly counts: RunListing["counts"] }): ReactNode {
  const total = ORDER.reduce((sum, status) => sum + counts[status], 0);
  const parts = ORDER.filter((status) => counts[status] > 0);
  const words = parts.map((status) => `${counts[status]} ${status}`).join(", ");
  return (
    <span className="node-bar" role="img" aria-label={`${total} nodes: ${words}`} title={words}>
      <span className="node-bar-track">
        {parts.map((status) => (
          <span key={status} className={`node-bar-part node-bar-${status}`} style={{ flexGrow: counts[status] }} />
        ))}
      </span>
      <span className="node-bar-figures">
        {counts.succeeded}/{total}
      </span>
    </span>
  );
}
