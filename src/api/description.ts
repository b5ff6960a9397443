import type { Router } from "./router.ts";

/** `/api/openapi.json`: what the operations say of themselves. */
export type ApiDocument = ReturnType<Router["getOpenAPI31Document"]>;

const TAGS: readonly (readonly [name: string, description: string])[] = [
  ["runs", "Starting, looking at and controlling runs"],
  ["events", "What was recorded, as pages and as streams"],
  ["logs", "What containers have written"],
  ["workflows", "What the server can run: files, versions, uploads"],
  ["session", "Browsers that sign in and out"],
  ["system", "The server itself, who may use it, and who did what"],
  ["artifacts", "The files that nodes have made"],
  ["services", "What workflows call, and how it is"],
];

/** The description of all operations that a router has. */
export function describeApi(router: Router, version: string): ApiDocument {
  router.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "A token that `busbar token create` has printed. On loopback none is needed until one has been made.",
  });
  return router.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Busbar",
      version,
      description: "Runs pipelines of containerised services, and shows what happened.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }, {}],
    tags: TAGS.map(([name, description]) => ({ name, description })),
  });
}
