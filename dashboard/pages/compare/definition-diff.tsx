import type { ReactNode } from "react";
import type { RunView } from "../../api/shapes.ts";
import { LineDiff } from "../../parts/line-diff/line-diff.tsx";

/** What of the workflow file changed from a to b. */
export function DefinitionDiff({ a, b }: { readonly a: RunView; readonly b: RunView }): ReactNode {
  return (
    <section className="card compare-part" aria-labelledby="compare-definition">
      <h2 id="compare-definition">Definition</h2>
      {a.definition_text === b.definition_text ? (
        <p className="quiet">
          {a.definition_hash === b.definition_hash
            ? "Both runs are of the same definition."
            : "What is shown of both is the same; they differ in tokens, which are not shown."}
        </p>
      ) : (
        <LineDiff before={a.definition_text} after={b.definition_text} label="Definition of A and of B, line by line" />
      )}
    </section>
  );
}
