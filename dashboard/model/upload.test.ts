import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diagnosticsOf, formatOf, uploadCommand } from "./upload.ts";

describe("a file that is to be stored", () => {
  it("is what its name says, else what it begins like", () => {
    assert.equal(formatOf("a.JSON", "a: 1"), "json");
    assert.equal(formatOf("a.yml", "{}"), "yaml");
    assert.equal(formatOf("a.txt", ' {"a": 1}'), "json");
    assert.equal(formatOf(undefined, "a: 1"), "yaml");
  });

  it("is a command", () => {
    assert.equal(
      uploadCommand("night ly.yaml", "yaml", "night ly", "http://h:1"),
      `curl -f -X PUT -H "authorization: Bearer $BUSBAR_TOKEN" -H 'content-type: application/json' -d "$(jq -n --rawfile text 'night ly.yaml' '{format: "yaml", $text}')" http://h:1/api/v1/workflows/night%20ly`,
    );
    assert.match(uploadCommand(undefined, "json", undefined, "http://h:1"), / -X POST .*workflow\.json.*\/workflows$/);
  });

  it("has what is wrong with it, of answers of any shape", () => {
    const one = { line: 9, column: 16, message: "no" };
    assert.deepEqual(diagnosticsOf({ details: { diagnostics: [one, 7, null, {}] } }), [one]);
    assert.deepEqual(diagnosticsOf({ details: { diagnostics: "x" } }), []);
    assert.deepEqual(diagnosticsOf({}), []);
  });
});
