// The files of the dashboard, as a browser asks for them.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Serving, startServing } from "../serve/serving.ts";

/** What the first view may weigh. */
const FIRST_VIEW_BYTES = 150_000;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

describe("the files of the dashboard", () => {
  let serving: Serving;
  before(async () => {
    serving = await startServing();
  });
  after(() => serving.close());

  /** As it is on the wire: fetch would decode it. */
  function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${serving.url}${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      sent.on("error", reject);
      sent.end();
    });
  }
  const namesIn = (html: string): readonly string[] =>
    [...html.matchAll(/(?:href|src)="(\/[^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? "");

  it("are the same in every encoding, each with a tag of its own, and HEAD says what GET would", async () => {
    const page = (await ask("/")).body.toString();
    const names = namesIn(page);
    assert.ok(names.length >= 2);
    for (const path of ["/", ...names]) {
      const plain = await ask(path);
      const brotli = await ask(path, { "accept-encoding": "gzip, br" });
      const gzip = await ask(path, { "accept-encoding": "gzip, br;q=0" });
      assert.deepEqual(brotliDecompressSync(brotli.body), plain.body, path);
      assert.deepEqual(gunzipSync(gzip.body), plain.body, path);
      assert.equal(new Set([plain, brotli, gzip].map(({ headers }) => headers.etag)).size, 3, path);
      for (const { headers } of [plain, brotli, gzip]) {
        assert.equal(headers.vary, "accept-encoding");
        assert.match(String(headers["cache-control"]), path === "/" ? /^no-cache$/ : /immutable/);
        assert.match(String(headers["content-security-policy"]), /default-src 'none'.*require-trusted-types-for/);
      }
      const head = await ask(path, { "accept-encoding": "br" }, "HEAD");
      assert.deepEqual([head.status, head.body.length, head.headers.etag], [200, 0, brotli.headers.etag], path);
      const known = await ask(path, { "accept-encoding": "br", "if-none-match": String(brotli.headers.etag) });
      assert.deepEqual([known.status, known.body.length], [304, 0], path);
    }
  });

  it("of the first view weigh at most 150 KB", async () => {
    const page = (await ask("/")).body.toString();
    const sizes = await Promise.all(
      ["/", ...namesIn(page)].map(async (path) => (await ask(path, { "accept-encoding": "br" })).body.length),
    );
    const sum = sizes.reduce((total, size) => total + size, 0);
    assert.ok(sum <= FIRST_VIEW_BYTES, `${sum} bytes`);
  });

  it("name on each page what that page needs first", async () => {
    const pages = ["/", "/runs/a", "/workflows", "/workflows/a", "/services", "/system", "/compare"];
    const bodies = await Promise.all(pages.map(async (path) => (await ask(path)).body.toString()));
    assert.equal(new Set(bodies).size, pages.length);
  });

  it("are the page of an unknown address, too, for whoever looks for a page there", async () => {
    const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    const page = (await ask("/")).body;
    for (const path of ["/nowhere", "/runs/a/b", "/apiary"]) {
      const missing = await ask(path, { accept });
      assert.deepEqual([missing.status, missing.headers["content-type"]], [404, "text/html; charset=utf-8"], path);
      assert.deepEqual(missing.body, page, path);
      assert.match(String(missing.headers["content-security-policy"]), /default-src 'none'/);
      const head = await ask(path, { accept, "if-none-match": String(missing.headers.etag) }, "HEAD");
      assert.deepEqual([head.status, head.body.length], [404, 0], path);
    }
    for (const [path, headers, method] of [
      ["/nowhere", { accept: "*/*" }],
      ["/nowhere", { accept }, "POST"],
      ["/api/nowhere", { accept }],
      ["/api", { accept }],
      ["/metrics/nowhere", { accept }],
      ["/assets/a/b", { accept }],
      ["/assets/nowhere.js", { accept }],
    ] as const) {
      const refused = await ask(path, headers, method);
      assert.deepEqual([refused.status, refused.headers["content-type"]], [404, "application/problem+json"], path);
    }
  });

  it("name nothing that is elsewhere", async () => {
    const page = (await ask("/")).body.toString();
    for (const path of ["/", ...namesIn(page)]) {
      const text = (await ask(path)).body.toString();
      for (const [url] of text.matchAll(/https?:\/\/[\w.-]+/g)) {
        assert.match(
          url,
          /^https?:\/\/(www\.w3\.org|react\.dev|reactjs\.org|localhost|127\.0\.0\.1|busbar\.example)/,
          path,
        );
      }
    }
  });
});
