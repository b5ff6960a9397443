import type { Guard } from "./access/guard.ts";
import type { Backend } from "./backend.ts";
import { checkBody } from "./check-body.ts";
import type { RecordAudit } from "./env.ts";
import { requireKnownPath } from "./known-paths.ts";
import { problemOfThrown, problemResponse } from "./problem.ts";
import { createRouter, type Router } from "./router.ts";
import { addArtifactRoutes } from "./routes/artifacts.ts";
import { addControlRoutes } from "./routes/control.ts";
import { addDashboardRoutes, findMissingPage } from "./routes/dashboard.ts";
import { addDescriptionRoutes } from "./routes/description.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addLogRoutes } from "./routes/logs.ts";
import { addRunRoutes } from "./routes/runs.ts";
import { addServiceRoutes } from "./routes/services.ts";
import { addSessionRoutes } from "./routes/session.ts";
import { addStartRoutes } from "./routes/start.ts";
import { addMetricsRoute, addSystemRoutes } from "./routes/system.ts";
import { addTokenRoutes } from "./routes/tokens.ts";
import { addWorkflowRoutes } from "./routes/workflows.ts";
import type { Streams } from "./streams/streams.ts";

/** Who is let in, and signs in. */
export type ApiGuard = Pick<Guard, "checkHost" | "admit" | "logIn" | "sessions">;

/** All that the server answers. */
export function createApi(backend: Backend, streams: Streams, guard: ApiGuard): Router {
  const { clock, audit, onTrouble } = backend;
  const record: RecordAudit = (entry) => audit.add(entry).catch(onTrouble);
  const router = createRouter();
  router.use("*", guard.checkHost);
  router.use(
    "*",
    requireKnownPath(router, (c) => findMissingPage(c, backend.dashboard)),
  );
  router.use("*", async (c, next) => {
    c.set("now", clock.now);
    c.set("record", record);
    await next();
  });
  router.use("*", guard.admit);
  router.use("/api/*", checkBody);

  router.get("/healthz", (c) => c.json({ status: "ok" }));
  router.get("/readyz", (c) =>
    c.json({ status: backend.isReady() ? "ready" : "starting" }, backend.isReady() ? 200 : 503),
  );

  const v1 = createRouter();
  addRunRoutes(v1, backend);
  addStartRoutes(v1, backend);
  addControlRoutes(v1, backend, streams);
  addEventRoutes(v1, backend, streams);
  addLogRoutes(v1, backend, streams);
  addSessionRoutes(v1, guard);
  addTokenRoutes(v1, backend);
  addWorkflowRoutes(v1, backend);
  addArtifactRoutes(v1, backend, streams);
  addServiceRoutes(v1, backend);
  addSystemRoutes(v1, backend);
  router.route("/api/v1", v1);
  addMetricsRoute(router, backend);

  addDescriptionRoutes(router, backend.version);
  addDashboardRoutes(router, backend);
  router.notFound(() => problemResponse({ code: "NOT_FOUND", message: "there is nothing at this path" }));
  router.onError((thrown) => problemOfThrown(thrown));
  return router;
}
