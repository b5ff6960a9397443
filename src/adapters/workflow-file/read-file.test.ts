import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { MAX_FILE_BYTES, MAX_YAML_IN_PLACE } from "../../workflow/text/source.ts";
import { yamlInPlace } from "../../workflow/text/yaml.ts";
import { readWorkflowFile } from "./read-file.ts";
import { createYamlApart } from "./yaml-apart.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-workflow-file-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function problemsOf(path: string): Promise<readonly string[]> {
  const { parsed, locate } = await readWorkflowFile(path);
  const located = parsed.ok ? [] : await locate(parsed.error);
  return located.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
}

const tree = {
  workflow_name: "t",
  service_registry: { s: "localhost:1" },
  containers: Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `node-${index}`,
      { service: "s", input_file: `/data/${index}.in`, output_file: `/data/${index}.out`, timeout_seconds: 30 },
    ]),
  ),
};

describe("readWorkflowFile", () => {
  it("reads JSON, and remembers the absolute path", async () => {
    const path = write("good.json", `\uFEFF${JSON.stringify(tree)}`);
    const { parsed, source } = await readWorkflowFile(path);
    assert.ok(parsed.ok);
    assert.equal(source.fileName, path);
    assert.equal(parsed.value.definition.file, path);
    assert.equal(parsed.value.nodes.length, 30);
  });

  it("reads large YAML in a thread, with the same result and places as in place", async () => {
    // Comments are what makes it large, so that a busy machine does not come near the limits.
    const text = `${`# ${"-".repeat(100)}\n`.repeat(3000)}${stringify(tree)}`;
    assert.ok(text.length > MAX_YAML_IN_PLACE);
    const { parsed } = await readWorkflowFile(write("good.yaml", text));
    assert.ok(parsed.ok);
    assert.equal(parsed.value.nodes.length, 30);
    const wrong = text.replace("/data/29.out", '"${env.HOME}"');
    const lines = wrong.slice(0, wrong.indexOf("${env.HOME}")).split("\n");
    assert.deepEqual(await problemsOf(write("wrong.yaml", wrong)), [
      `${lines.length}:${(lines.at(-1) ?? "").length + 1} REFERENCE_INVALID output_file: references to the environment are allowed in service metadata and container env only`,
    ]);
  });

  it("refuses a file over 32 MiB with one diagnostic, unread", async () => {
    const path = write("large.json", "{}");
    truncateSync(path, MAX_FILE_BYTES + 1);
    assert.deepEqual(await problemsOf(path), ["1:1 WORKFLOW_TOO_LARGE the file is larger than 32 MiB"]);
    truncateSync(path, MAX_FILE_BYTES);
    assert.match((await problemsOf(path))[0] ?? "", /WORKFLOW_SYNTAX/);
  });

  it("refuses text that is not UTF-8, and says where", async () => {
    const latin1 = Buffer.from('{\n  "workflow_name": "größe"\n}', "latin1");
    assert.deepEqual(await problemsOf(write("latin1.json", latin1)), [
      "2:23 WORKFLOW_SYNTAX the file is not valid UTF-8 here",
    ]);
    const utf16 = Buffer.from('\uFEFF{"workflow_name": "t"}', "utf16le");
    assert.deepEqual(await problemsOf(write("utf16.json", utf16)), [
      "1:1 WORKFLOW_SYNTAX the file is UTF-16; save it as UTF-8",
    ]);
  });

  it("says why a file cannot be read", async () => {
    await assert.rejects(readWorkflowFile(join(folder, "none.json")), { code: "WORKFLOW_NOT_FOUND", exitCode: 10 });
    mkdirSync(join(folder, "folder.json"));
    await assert.rejects(readWorkflowFile(join(folder, "folder.json")), { code: "WORKFLOW_NOT_FOUND" });
    await assert.rejects(readWorkflowFile(join(folder, "none.txt")), { code: "FILE_TYPE_UNKNOWN", exitCode: 2 });
  });
});

describe("createYamlApart", () => {
  it("gives what reading in place gives", async () => {
    const text = "a: &x [1, 'b', null]\n10: *x\na: 2\n";
    const apart = createYamlApart();
    assert.deepEqual(JSON.stringify(await apart.read(text)), JSON.stringify(await yamlInPlace.read(text)));
    const targets = [{ path: ["a", 1], at: "value" } as const, { path: ["10"], at: "key" } as const];
    assert.deepEqual(await apart.locate(text, targets), await yamlInPlace.locate(text, targets));
  });

  // 10 MB of each; which limit they meet first depends on the machine, and either is the same diagnostic.
  const hostile = {
    "a long list of numbers": `[${"1, ".repeat(3_500_000)}1]`,
    "closing brackets": "]".repeat(10_000_000),
    "one key over and over": `{${'"a":1,'.repeat(1_700_000)}}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`ends reading ${name} when it takes too much`, async () => {
      const { diagnostics, value } = await createYamlApart({ timeoutMs: 1000, heapMb: 256 }).read(text);
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        ["WORKFLOW_TOO_COSTLY"],
      );
      assert.equal(value, undefined);
    });
  }

  it("ends a thread that uses up its heap before its time", async () => {
    const text = `[${"1, ".repeat(3_500_000)}1]`;
    const { diagnostics } = await createYamlApart({ timeoutMs: 600_000, heapMb: 64 }).read(text);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["WORKFLOW_TOO_COSTLY"],
    );
  });
});
