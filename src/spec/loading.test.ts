// What reading a file loads: start-up time is a feature. This file must not import what it looks for.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { sep } from "node:path";
import { describe, it } from "node:test";
import { bindWorkflow } from "./bind.ts";
import { locateDiagnostics } from "./locate.ts";
import { readParams } from "./params.ts";
import { parseWorkflow } from "./parse.ts";

const loaded = (name: string): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes(`node_modules${sep}${name}${sep}`));

const text = (address: string): string =>
  JSON.stringify({
    workflow_name: "t",
    service_registry: { a: address },
    containers: { a: { input_file: "/${run.id}", output_file: "/out" } },
  });

describe("reading a file", () => {
  it("loads no parser for JSON in which nothing is wrong, jsonc-parser for places, and yaml for YAML", async () => {
    const parsed = await parseWorkflow({ fileName: "a.json", text: text("localhost:1") });
    assert.ok(parsed.ok);
    assert.ok(readParams(parsed.value, []).ok);
    assert.ok(bindWorkflow(parsed.value, { params: {}, runId: "r", startedAt: "2025-01-01T00:00:00.000Z" }).ok);
    const source = { fileName: "a.json", text: text("localhost") };
    const wrong = await parseWorkflow(source);
    assert.ok(!wrong.ok);
    assert.deepEqual([loaded("jsonc-parser"), loaded("yaml")], [false, false]);
    await locateDiagnostics(wrong.error, source);
    assert.deepEqual([loaded("jsonc-parser"), loaded("yaml")], [true, false]);
    await parseWorkflow({ fileName: "a.yaml", text: source.text });
    assert.equal(loaded("yaml"), true);
  });
});
