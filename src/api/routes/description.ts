import { describeApi } from "../description.ts";
import { renderDocsPage } from "../docs/page.ts";
import { DOCS_STYLE } from "../docs/style.ts";
import type { Router } from "../router.ts";

/** The description of the API, for programs and for people. */
export function addDescriptionRoutes(router: Router, version: string): void {
  let json: string | undefined;
  let page: string | undefined;
  router.get("/api/openapi.json", (c) => {
    json ??= JSON.stringify(describeApi(router, version));
    return c.body(json, 200, { "content-type": "application/json" });
  });
  router.get("/api/docs", (c) => {
    page ??= renderDocsPage(describeApi(router, version));
    return c.html(page);
  });
  router.get("/api/docs.css", (c) => c.body(DOCS_STYLE, 200, { "content-type": "text/css; charset=utf-8" }));
}
