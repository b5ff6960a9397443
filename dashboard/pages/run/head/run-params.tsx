import type { ReactNode } from "react";
import type { RunView } from "../../../api/shapes.ts";
import "./run-params.css";

/** What the run was started with; a few are seen at once, more are unfolded. */
export function RunParams({ params }: Pick<RunView, "params">): ReactNode {
  const given = Object.entries(params);
  if (given.length === 0) return null;
  return (
    <details className="run-params">
      <summary>
        {given.length} {given.length === 1 ? "param" : "params"}
      </summary>
      <dl>
        {given.map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
