// Writes the description of the API as the server gives it (docs/reference/openapi.json), and its operations into
// docs/reference/api.md: npm run generate. test/api-description.test.ts fails where they differ.
import { readFileSync, writeFileSync } from "node:fs";
import type { ApiDocument } from "../src/api/description.ts";
import { operationsOf } from "../src/api/docs/page.ts";
import { startServing } from "../test/serve/serving.ts";

/** What a server says of itself. */
export async function readDescription(): Promise<ApiDocument> {
  const serving = await startServing();
  try {
    return (await (await fetch(`${serving.url}/api/openapi.json`)).json()) as ApiDocument;
  } finally {
    await serving.close();
  }
}

/** docs/reference/openapi.json */
export function renderDescription(document: ApiDocument): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const OPERATIONS = /(<!-- Written by scripts\/write-api\.ts: .*-->\n)[\s\S]*?(<!-- \/operations -->)/;

/** docs/reference/api.md, with the table of operations. @param page as it is */
export function renderApiPage(page: string, document: ApiDocument): string {
  const rows = operationsOf(document).map(
    ({ method, path, operation }) =>
      `| \`${method} ${path.replace("/api/v1", "")}\` | ${operation.summary} | ${operation["x-role"]} |`,
  );
  const table = ["", "| under `/api/v1` | does | needs |", "|---|---|---|", ...rows, ""].join("\n");
  return page.replace(OPERATIONS, (_, begin: string, end: string) => `${begin}${table}\n${end}`);
}

if (import.meta.main) {
  const folder = new URL("../docs/reference/", import.meta.url);
  const document = await readDescription();
  writeFileSync(new URL("openapi.json", folder), renderDescription(document));
  const page = new URL("api.md", folder);
  writeFileSync(page, renderApiPage(readFileSync(page, "utf8"), document));
}
