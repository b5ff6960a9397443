// The description of the API as a linter reads it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

it("is found without fault by redocly", () => {
  const command = fileURLToPath(new URL("node_modules/@redocly/cli/bin/cli.js", import.meta.url));
  const file = fileURLToPath(new URL("../../docs/reference/openapi.json", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, "lint", "--skip-rule", "operation-4xx-response", "--format", "json", file],
    {
      encoding: "utf8",
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    },
  );
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(JSON.parse(stdout).problems, []);
});
