import type { Backend } from "../backend.ts";
import { problemResponse } from "../problem.ts";
import type { ApiContext, Router } from "../router.ts";

/** Addresses that the dashboard understands, and their files. They differ in what they have the browser load first. */
const FILES = {
  "/": "index.html",
  "/runs": "index.html",
  "/runs/:run_id": "run.html",
  "/workflows": "workflows.html",
  "/workflows/:name": "workflow.html",
  "/services": "services.html",
  "/system": "system.html",
  "/compare": "compare.html",
} as const;

export const PAGES = Object.keys(FILES);

/** From the smallest. */
const ENCODINGS = ["br", "gzip"] as const;

/** Below these are no pages, whatever a browser asks for there. */
const NO_PAGES = /^\/(?:api|metrics|assets)(?:\/|$)/;

/** The pages, and the files that they name: open to everybody, since nothing of the server is in them. */
export function addDashboardRoutes(router: Router, { dashboard }: Pick<Backend, "dashboard">): void {
  for (const [page, file] of Object.entries(FILES)) router.get(page, (c) => send(c, file));
  router.get("/assets/:file", (c) => send(c, `assets/${c.req.param("file")}`));

  function send(c: ApiContext, path: string): Response {
    const file = dashboard.file(path);
    if (file === undefined) {
      const message =
        dashboard.file("index.html") === undefined
          ? "the dashboard was not built: `npm run build` makes it"
          : "there is nothing at this path";
      return problemResponse({ code: "NOT_FOUND", message });
    }
    const { body, headers } = encodedFor(c, file);
    const isKnown = c.req
      .header("if-none-match")
      ?.split(/\s*,\s*/)
      .includes(headers.etag);
    if (isKnown) return new Response(null, { status: 304, headers });
    return new Response(body, { headers: { ...headers, "content-type": file.type } });
  }
}

/**
 * The answer to somebody who looks for a page where none is: the dashboard, which says so in words.
 * @returns undefined where it is no browser's request for a page, or the dashboard was not built
 */
export function findMissingPage(c: ApiContext, dashboard: Backend["dashboard"]): Response | undefined {
  const { method, path } = c.req;
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (NO_PAGES.test(path) || !/\btext\/html\b/.test(c.req.header("accept") ?? "")) return undefined;
  const file = dashboard.file("index.html");
  if (file === undefined) return undefined;
  const { body, headers } = encodedFor(c, file);
  return new Response(body, { status: 404, headers: { ...headers, "content-type": file.type } });
}

type DashboardFile = NonNullable<ReturnType<Backend["dashboard"]["file"]>>;

/** A file in the smallest encoding that the request takes; each encoding is another representation. */
function encodedFor(c: ApiContext, file: DashboardFile) {
  const accepted = c.req.header("accept-encoding") ?? "";
  const encoding = ENCODINGS.find((name) => file.encodings[name] !== undefined && accepts(accepted, name));
  const headers = {
    etag: encoding === undefined ? file.etag : file.etag.replace(/"$/, `-${encoding}"`),
    vary: "accept-encoding",
    "cache-control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (encoding === undefined) return { body: file.encodings.identity, headers };
  return { body: file.encodings[encoding], headers: { ...headers, "content-encoding": encoding } };
}

/** Whether a list of encodings names this one, and does not refuse it: `br;q=0`. */
function accepts(list: string, name: string): boolean {
  return list.split(",").some((item) => {
    const [encoding = "", ...settings] = item.split(";").map((part) => part.trim().toLowerCase());
    return encoding === name && !settings.some((setting) => /^q=0(?:\.0*)?$/.test(setting));
  });
}
