import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createDefinitions } from "./definitions.ts";

const workflow = (name: string): string =>
  JSON.stringify({
    workflow_name: name,
    start_node: "a",
    service_registry: { a: "127.0.0.1:1" },
    containers: { a: { input_file: "in", output_file: "out", next_node: null } },
  });

describe("definitions", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-definitions-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("parse a text once, whether it comes from a file or from a caller", async () => {
    const definitions = createDefinitions();
    const path = join(folder, "w.json");
    // A file may begin with a byte order mark, which is no part of its text.
    writeFileSync(path, `\uFEFF${workflow("w")}`);
    const read = await definitions.readWorkflow(path);
    assert.ok(read.ok);
    assert.deepEqual(read.definition, { format: "json", text: workflow("w"), file: path });
    assert.equal(await definitions.read(read.definition), read.workflow);
    assert.equal(await definitions.read({ ...read.definition }), read.workflow);
  });

  it("keep texts apart that are to be read otherwise", async () => {
    const definitions = createDefinitions();
    const definition = { format: "json", text: workflow("w") } as const;
    const json = await definitions.read(definition);
    const yaml = await definitions.read({ ...definition, format: "yaml" });
    const filed = await definitions.read({ ...definition, file: "/w.json" });
    assert.deepEqual([yaml.definition.format, filed.definition.file], ["yaml", "/w.json"]);
    assert.equal(await definitions.read(definition), json);
  });

  it("forget the texts that were not used for longest, once they are many", async () => {
    const definitions = createDefinitions();
    const definition = (name: string) => ({ format: "json", text: workflow(name) + " ".repeat(1 << 20) }) as const;
    const first = await definitions.read(definition("first"));
    const b = await definitions.read(definition("b"));
    const c = await definitions.read(definition("c"));
    assert.equal(await definitions.read(definition("first")), first);
    assert.equal(await definitions.read(definition("c")), c);
    await definitions.read(definition("d"));
    assert.equal(await definitions.read(definition("first")), first, "it was used since b was");
    assert.equal(await definitions.read(definition("c")), c);
    assert.notEqual(await definitions.read(definition("b")), b);
  });

  it("keep few workflows of few texts", async () => {
    const definitions = createDefinitions();
    const definition = { format: "json", text: workflow("w") } as const;
    const first = await definitions.read(definition);
    for (let at = 0; at < 4; at += 1) await definitions.read({ ...definition, file: `/${at}.json` });
    const again = await definitions.read(definition);
    assert.notEqual(again, first);
    for (let at = 0; at < 256; at += 1) await definitions.read({ format: "json", text: workflow(`w${at}`) });
    assert.notEqual(await definitions.read(definition), again);
  });

  it("say what is wrong with a file, in its order", async () => {
    const path = join(folder, "bad.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(workflow("w")), start_node: "b" }));
    const read = await createDefinitions().readWorkflow(path);
    assert.ok(!read.ok);
    assert.deepEqual(
      read.diagnostics.map(({ code, file, line }) => [code, file, line]),
      [["WORKFLOW_UNKNOWN_NODE", path, 1]],
    );
    await assert.rejects(createDefinitions().readWorkflow(join(folder, "none.json")), { code: "WORKFLOW_NOT_FOUND" });
  });

  it("refuse a text with the code of its first problem", async () => {
    const read = createDefinitions().read({ format: "json", text: "{" });
    await assert.rejects(read, { code: "WORKFLOW_SYNTAX" });
  });
});
