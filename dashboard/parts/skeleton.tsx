import type { ReactNode } from "react";
import "./skeleton.css";

/** Stands where content is about to be, in its final size. @param height in pixels */
export function Skeleton({ height }: { readonly height: number }): ReactNode {
  return <div className="skeleton card" style={{ height }} aria-hidden="true" />;
}

/** In place of a page that is being loaded. */
export function PageSkeleton(): ReactNode {
  return (
    <div className="page" role="status" aria-label="Loading">
      <Skeleton height={30} />
      <Skeleton height={120} />
      <Skeleton height={360} />
    </div>
  );
}
