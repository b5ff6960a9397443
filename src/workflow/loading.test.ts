// What reading a file loads: start-up time is a feature. Everything is imported after the hook that sees it.
import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { describe, it } from "node:test";

const seen: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    seen.push(url);
    return nextLoad(url, context);
  },
});
/** A clone may lie in a folder of any name. */
const clone = new URL("../../", import.meta.url).href.replace(/\/$/, "");
const loaded = (name: string): boolean => seen.some((url) => url.includes(`/node_modules/${name}/`));

const { bindWorkflow } = await import("./bind.ts");
const { locateDiagnostics } = await import("./text/locate.ts");
const { readParams } = await import("./params.ts");
const { parseWorkflow } = await import("./parse.ts");
const { requestOf } = await import("./node.ts");

const text = (address: string): string =>
  JSON.stringify({
    workflow_name: "t",
    service_registry: { a: address },
    containers: { a: { input_file: "/${run.id}", output_file: "/out" } },
  });
const binding = { params: {}, runId: "r", startedAt: "2025-01-01T00:00:00.000Z" };

describe("reading a file", () => {
  it("loads no parser for JSON in which nothing is wrong, jsonc-parser for places, and yaml for YAML", async () => {
    const parsed = await parseWorkflow({ fileName: "a.json", text: text("localhost:1") });
    assert.ok(parsed.ok);
    assert.ok(readParams(parsed.value, []).ok);
    assert.ok(bindWorkflow(parsed.value, binding).ok);
    const source = { fileName: "a.json", text: text("localhost") };
    const wrong = await parseWorkflow(source);
    assert.ok(!wrong.ok);
    assert.deepEqual([loaded("jsonc-parser"), loaded("yaml")], [false, false]);
    assert.deepEqual(
      seen.filter((url) => /\/(?:json-)?schema[/.]/.test(url.replace(clone, ""))),
      [],
    );
    await locateDiagnostics(wrong.error, source);
    assert.deepEqual([loaded("jsonc-parser"), loaded("yaml")], [true, false]);
    await parseWorkflow({ fileName: "a.yaml", text: source.text });
    assert.equal(loaded("yaml"), true);
  });

  it("loads the parser of commands for files that have a command only", async () => {
    const read = async (node: object): Promise<void> => {
      const tree = { workflow_name: "t", execution_mode: "docker", containers: { a: node } };
      const parsed = await parseWorkflow({ fileName: "a.json", text: JSON.stringify(tree) });
      assert.ok(parsed.ok, JSON.stringify(parsed));
      const bound = bindWorkflow(parsed.value, binding);
      assert.ok(bound.ok);
      bound.value.nodes.map(requestOf);
    };
    await read({ docker: { image: "i", volumes: ["/a:/b"] } });
    assert.equal(loaded("unbash"), false);
    await read({ command: "docker run -v /a:/b i" });
    assert.equal(loaded("unbash"), true);
  });
});
