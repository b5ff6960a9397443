// Pages for a real Chromium, under the policy that `busbar serve` has for them.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { bundleDashboard } from "../../scripts/dashboard-bundle.ts";
import { SECURITY_HEADERS } from "../../src/api/security-headers.ts";

const TYPES: { readonly [extension: string]: string } = { html: "text/html", js: "text/javascript", css: "text/css" };

export interface Pages {
  readonly url: string;
  close(): Promise<void>;
}

/** @param entry the program of the page: "dashboard/bench/graph-page.tsx" */
export async function servePage(entry: string): Promise<Pages> {
  const { files } = await bundleDashboard(entry);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const file = files.get(name);
    const type = TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain";
    response.writeHead(file === undefined ? 404 : 200, { ...SECURITY_HEADERS, "content-type": type });
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
