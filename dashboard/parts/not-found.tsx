import type { ReactNode } from "react";
import { useTitle } from "../document/use-title.ts";
import { Link } from "./link.tsx";

/** Of an address that leads nowhere. */
export function NotFound({ what = "There is nothing at this address." }: { readonly what?: string }): ReactNode {
  useTitle("Not found");
  return (
    <div className="page">
      <h1>Not found</h1>
      <p>{what}</p>
      <p>
        <Link to="/runs">All runs</Link>
      </p>
    </div>
  );
}
