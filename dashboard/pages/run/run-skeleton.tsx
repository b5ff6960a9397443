import type { ReactNode } from "react";
import { Skeleton } from "../../parts/skeleton.tsx";

/** In place of a run that is being read, in the sizes that its parts will have. */
export function RunSkeleton(): ReactNode {
  return (
    <div className="run" role="status" aria-label="Loading the run">
      <div className="run-head">
        <Skeleton height={30} />
        <Skeleton height={22} />
      </div>
      <Skeleton height={66} />
      <div className="run-main">
        <div className="run-body run-few">
          <Skeleton height={172} />
          <Skeleton height={160} />
          <Skeleton height={200} />
        </div>
      </div>
    </div>
  );
}
