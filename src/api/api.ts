import type { Caller } from "./access/caller.ts";
import type { Backend } from "./backend.ts";
import { checkBody } from "./check-body.ts";
import { requireKnownPath } from "./known-paths.ts";
import { problemOfThrown, problemResponse } from "./problem.ts";
import { createRouter, type Router } from "./router.ts";
import { addControlRoutes } from "./routes/control.ts";
import { addDescriptionRoutes } from "./routes/description.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addLogRoutes } from "./routes/logs.ts";
import { addRunRoutes } from "./routes/runs.ts";
import { addWorkflowRoutes } from "./routes/workflows.ts";
import type { Streams } from "./streams/streams.ts";

/** All that the server answers. */
export function createApi(backend: Backend, streams: Streams, local: Caller): Router {
  const router = createRouter();
  router.use("*", requireKnownPath(router));
  router.use("*", async (c, next) => {
    c.set("caller", local);
    await next();
  });
  router.use("/api/*", checkBody);

  router.get("/healthz", (c) => c.json({ status: "ok" }));
  router.get("/readyz", (c) =>
    c.json({ status: backend.isReady() ? "ready" : "starting" }, backend.isReady() ? 200 : 503),
  );

  const v1 = createRouter();
  addRunRoutes(v1, backend);
  addControlRoutes(v1, backend, streams);
  addEventRoutes(v1, backend, streams);
  addLogRoutes(v1, backend, streams);
  addWorkflowRoutes(v1, backend);
  router.route("/api/v1", v1);

  addDescriptionRoutes(router, backend.version);
  router.notFound(() => problemResponse({ code: "NOT_FOUND", message: "there is nothing at this path" }));
  router.onError((thrown) => problemOfThrown(thrown));
  return router;
}
