import type { ReactNode } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import { Link } from "../../../parts/link.tsx";
import { workflowPath } from "../../../router.ts";
import { StartForm } from "./start-form.tsx";
import { START_ID } from "./start-id.ts";

/** The form, or why there is none. */
export function StartPanel({
  workflow,
  version,
}: {
  readonly workflow: WorkflowView;
  readonly version: string | undefined;
}): ReactNode {
  const { name, valid, definition_hash: lastVersion } = workflow;
  return (
    <section className="card workflow-start" id={START_ID} aria-labelledby="start-title">
      <h2 id="start-title">Start a run</h2>
      {valid ? (
        <StartForm workflow={workflow} {...(version === undefined ? {} : { version })} />
      ) : (
        <p>
          The file cannot be run as it stands: mend what is told above.{" "}
          {lastVersion === undefined ? (
            "It has no version that was valid."
          ) : (
            <Link to={`${workflowPath(name)}?version=${lastVersion}`}>Its last valid version can be started.</Link>
          )}
        </p>
      )}
    </section>
  );
}
