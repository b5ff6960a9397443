import type { ReactNode } from "react";
import type { FileNow } from "../../../model/file-now.ts";
import { Link } from "../../../parts/link.tsx";
import { workflowPath } from "../../../router.ts";

/** Says that the file of a run is another by now. */
export function FileClause({ file }: { readonly file: FileNow }): ReactNode {
  const link = <Link to={workflowPath(file.name)}>file</Link>;
  if (file.kind === "broken") return <span>Its {link} is broken as it stands now.</span>;
  return file.isSince ? (
    <span>Its {link} has changed since: resume with it.</span>
  ) : (
    <span>The server’s {link} of it is another one.</span>
  );
}
