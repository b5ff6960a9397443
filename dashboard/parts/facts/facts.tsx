import type { ReactNode } from "react";
import "./facts.css";

/** What there is to know of the thing that a page is about, in a line below its name. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="facts">{children}</dl>;
}

/** `Started 2026-11-23 16:23:32 UTC` */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
