// The description of the API as a linter reads it, and as types are made of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { writeApiTypes } from "../../scripts/write-api-types.ts";

it("is found without fault by redocly", () => {
  const command = fileURLToPath(new URL("node_modules/@redocly/cli/bin/cli.js", import.meta.url));
  const file = fileURLToPath(new URL("../../docs/reference/openapi.json", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, "lint", "--format", "json", file], {
    encoding: "utf8",
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(JSON.parse(stdout).problems, []);
});

it("is what the types of dashboard/api/schema.ts are made of (npm run generate writes them)", () => {
  const folder = mkdtempSync(join(tmpdir(), "busbar-types-"));
  try {
    writeApiTypes(join(folder, "schema.ts"));
    const committed = fileURLToPath(new URL("../../dashboard/api/schema.ts", import.meta.url));
    assert.equal(readFileSync(committed, "utf8"), readFileSync(join(folder, "schema.ts"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
