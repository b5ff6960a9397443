// What is written of the API is what the server says of itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { readDescription, renderApiPage, renderDescription } from "../scripts/write-api.ts";
import type { ApiDocument } from "../src/api/description.ts";
import { operationsOf, renderDocsPage } from "../src/api/docs/page.ts";

const page = (name: string): string => readFileSync(new URL(`../docs/reference/${name}`, import.meta.url), "utf8");

describe("the description of the API", () => {
  let document: ApiDocument;
  before(async () => {
    document = await readDescription();
  });

  it("stands in docs/reference/openapi.json as the server gives it (npm run generate writes it)", () => {
    assert.equal(page("openapi.json"), renderDescription(document));
  });

  it("has its operations in docs/reference/api.md (npm run generate writes them)", () => {
    assert.equal(page("api.md"), renderApiPage(page("api.md"), document));
  });

  it("gives each operation an id of its own, a role, and a tag that is described", () => {
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    assert.deepEqual(ids, [...new Set(ids)]);
    const tags = document.tags?.map(({ name }) => name) ?? [];
    assert.deepEqual(tags, [...new Set(tags)]);
    for (const { method, path, operation } of operationsOf(document)) {
      assert.ok(operation["x-role"] !== undefined, `${method} ${path} has no role`);
      assert.ok(
        tags.includes(operation.tags?.[0] ?? ""),
        `src/api/description.ts does not describe the tag of ${path}`,
      );
    }
  });

  it("is shown as a page that has all of it, and takes nothing from elsewhere", () => {
    const html = renderDocsPage(document);
    for (const { operation } of operationsOf(document)) assert.ok(html.includes(`id="${operation.operationId}"`));
    for (const name of Object.keys(document.components?.schemas ?? {})) assert.ok(html.includes(`id="shape-${name}"`));
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(html.includes(`id="${id}"`), `#${id} is nowhere`);
    assert.equal(/<script|style=|src=|https?:|\son\w+=/.exec(html)?.[0], undefined);
    assert.deepEqual(
      [...html.matchAll(/<link [^>]*href="([^"]+)"/g)].map(([, href]) => href),
      ["/api/docs.css"],
    );
  });
});
