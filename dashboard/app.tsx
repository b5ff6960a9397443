import { lazy, type ReactNode, Suspense } from "react";
import { useStanding } from "./api/session.ts";
import { Frame } from "./frame/frame.tsx";
import { PageFence } from "./frame/page-fence.tsx";
import { SignIn } from "./frame/sign-in.tsx";
import { NotFound } from "./parts/not-found.tsx";
import { PageSkeleton } from "./parts/skeleton.tsx";
import { type Place, usePlace } from "./router.ts";

// A page is loaded when it is first shown: the first view stays small.
const RunsPage = lazy(async () => ({ default: (await import("./pages/runs/runs-page.tsx")).RunsPage }));
const RunPage = lazy(async () => ({ default: (await import("./pages/run/run-page.tsx")).RunPage }));
const WorkflowsPage = lazy(async () => ({
  default: (await import("./pages/workflows/workflows-page.tsx")).WorkflowsPage,
}));
const WorkflowPage = lazy(async () => ({ default: (await import("./pages/workflow/workflow-page.tsx")).WorkflowPage }));
const ServicesPage = lazy(async () => ({ default: (await import("./pages/services/services-page.tsx")).ServicesPage }));
const SystemPage = lazy(async () => ({ default: (await import("./pages/system/system-page.tsx")).SystemPage }));
const ComparePage = lazy(async () => ({ default: (await import("./pages/compare/compare-page.tsx")).ComparePage }));

/** All of the dashboard: the frame, and in it the page of the address. */
export function App(): ReactNode {
  const place = usePlace();
  const isNobody = useStanding().kind === "nobody";
  return (
    <Frame place={place}>
      {isNobody ? (
        <SignIn />
      ) : (
        <PageFence key={place.path.join("/")}>
          <Suspense fallback={<PageSkeleton />}>{pageOf(place)}</Suspense>
        </PageFence>
      )}
    </Frame>
  );
}

function pageOf({ path }: Place): ReactNode {
  const [page, name, ...more] = path;
  if (more.length > 0) return <NotFound />;
  switch (page) {
    case undefined:
    case "runs":
      return name === undefined ? <RunsPage /> : <RunPage key={name} runId={name} />;
    case "workflows":
      return name === undefined ? <WorkflowsPage /> : <WorkflowPage key={name} name={name} />;
    case "services":
      return <ServicesPage />;
    case "system":
      return <SystemPage />;
    case "compare":
      return <ComparePage />;
    default:
      return <NotFound />;
  }
}
