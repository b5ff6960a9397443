// What is no JSON or YAML, and what would be costly to read (semantics.md, "Workflow file").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import type { Diagnostic } from "../../kernel/diagnostics.ts";
import { summarize } from "../../testing/diagnose.ts";
import { parseWorkflow } from "../parse.ts";
import { MAX_DIAGNOSTICS } from "../tree/problems.ts";
import { readJson } from "./read-json.ts";
import { yamlInPlace } from "./yaml.ts";

async function problemsOf(fileName: string, text: string): Promise<readonly Diagnostic[]> {
  const parsed = await parseWorkflow({ fileName, text });
  return parsed.ok ? [] : parsed.error;
}

const marked = (text: string, diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ code, offset = 0, length = 0 }) => `${code} ${text.slice(offset, offset + length)}`);

describe("JSON", () => {
  it("is strict: every slip is told at its place", async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['{"a": 1,}', ["WORKFLOW_SYNTAX }"]],
      ["{a: 1}", ["WORKFLOW_SYNTAX a"]],
      ["{'a': 1}", ["WORKFLOW_SYNTAX 'a'"]],
      ['{"a": 1 "b": 2}', ['WORKFLOW_SYNTAX "b"']],
      ['{"a" 1}', ["WORKFLOW_SYNTAX 1"]],
      ['// no\n{"a": 1}', ["WORKFLOW_SYNTAX // no"]],
      ['{"a": 01}', ["WORKFLOW_SYNTAX 1"]],
      ['{"a": NaN}', ["WORKFLOW_SYNTAX NaN"]],
      ['{"a": "\t"}', ['WORKFLOW_SYNTAX "\t"']],
      ['{"a": "\\x"}', ['WORKFLOW_SYNTAX "\\x"']],
      ['{"a": "b', ['WORKFLOW_SYNTAX "b']],
      ["{} {}", ["WORKFLOW_SYNTAX {"]],
      ["", ["WORKFLOW_SYNTAX "]],
    ];
    for (const [text, expected] of cases) {
      assert.deepEqual(marked(text, await problemsOf("a.json", text)), expected, text);
    }
  });

  it("tells several slips at once, the first of each line", async () => {
    const text = '{"a": tru,\n"b": [1,,,2],\n"c": "\\q"}';
    assert.deepEqual(marked(text, await problemsOf("a.json", text)), [
      "WORKFLOW_SYNTAX tru",
      "WORKFLOW_SYNTAX ,",
      'WORKFLOW_SYNTAX "\\q"',
    ]);
  });

  it("holds each key once; the others are told, each at its place", async () => {
    const text = '{"a": {"b": 1, "c": "\\"b\\":", "b": 2}, "x-list": [{"b": 1}, {"b": 1}], "\\u0061": 3}';
    const { diagnostics } = await readJson(text);
    assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_DUPLICATE_KEY key:a.b", "WORKFLOW_DUPLICATE_KEY key:a"]);
    assert.deepEqual(marked(text, diagnostics), ['WORKFLOW_DUPLICATE_KEY "b"', 'WORKFLOW_DUPLICATE_KEY "\\u0061"']);
  });

  it("is exactly what JSON.parse makes of it, for any value", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        const { value, diagnostics } = await readJson(text);
        // fast-check writes no key twice; a duplicate would be a false alarm.
        assert.deepEqual(diagnostics, []);
        assert.deepEqual(value, JSON.parse(text));
      }),
    );
  });

  it("takes 100 levels and refuses 101 with one diagnostic, whatever else is wrong", async () => {
    const nested = (depth: number): string => `{"x-deep":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    assert.deepEqual((await readJson(nested(100))).diagnostics, []);
    for (const text of [nested(101), nested(100_000), "[".repeat(100_000), `{"a":`.repeat(100_000)]) {
      const { diagnostics, value } = await readJson(text);
      assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_TOO_DEEP"]);
      assert.equal(value, undefined);
    }
    assert.deepEqual((await readJson(`["${"[".repeat(1000)}", "\\"${"{".repeat(1000)}"]`)).diagnostics, []);
  });

  it("does not fall for brackets that are hidden from the count", async () => {
    for (const text of [`/* " */${"[".repeat(100_000)}`, `"\n${"[".repeat(100_000)}`, `"\\\n${"[".repeat(100_000)}`]) {
      const { diagnostics } = await readJson(text);
      assert.ok(diagnostics.length > 0);
    }
  });
});

describe("YAML", () => {
  it("is the same tree as the same value in JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const read = await yamlInPlace.read(stringify(plain));
        assert.deepEqual(read.diagnostics, []);
        assert.equal(JSON.stringify(read.value), JSON.stringify(plain));
      }),
      { numRuns: 200 },
    );
  });

  it("is one document of the 1.2 core schema, without tags", async () => {
    const value = async (text: string) => JSON.stringify((await yamlInPlace.read(text)).value);
    assert.equal(
      await value("a: [yes, no, on, 0o17, 0x1f, 017, 1_000, ~, true, 2025-01-01, <<]"),
      '{"a":["yes","no","on",15,31,17,"1_000",null,true,"2025-01-01","<<"]}',
    );
    assert.equal(await value("10: a\ntrue: b\n1.50: c\n? d\n"), '{"10":"a","true":"b","1.50":"c","d":null}');
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["a: 1\n---\nb: 2\n", ["WORKFLOW_SYNTAX ---\nb: 2\n"]],
      ["a: !!str 1\n", ["WORKFLOW_SYNTAX 1"]],
      ["a: !mine {}\nb: !!int '1'\n", ["WORKFLOW_SYNTAX {", "WORKFLOW_SYNTAX '"]],
      ["%YAML 1.1\n---\na: yes\n", ["WORKFLOW_SYNTAX %"]],
      ["? [a]\n: 1\n", ["WORKFLOW_SYNTAX [a]"]],
      ["a: *nowhere\n", ["WORKFLOW_SYNTAX *nowhere"]],
      ["a: &a [*a]\n", ["WORKFLOW_SYNTAX *a"]],
      ["a: 'open\n", ["WORKFLOW_SYNTAX "]],
    ];
    for (const [text, expected] of cases) {
      const found = (await problemsOf("a.yaml", text)).slice(0, expected.length);
      assert.deepEqual(marked(text, found), expected, text);
    }
  });

  it("holds each key once; the others are told, each at its place", async () => {
    const text = "a:\n  b: 1\n  'b': 2\n__proto__: 1\n\"a\": 3\n";
    const { diagnostics } = await yamlInPlace.read(text);
    assert.deepEqual(marked(text, diagnostics), ["WORKFLOW_DUPLICATE_KEY 'b'", 'WORKFLOW_DUPLICATE_KEY "a"']);
    assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_DUPLICATE_KEY key:a.b", "WORKFLOW_DUPLICATE_KEY key:a"]);
  });

  it("may repeat values by aliases, but not without bound", async () => {
    const read = await yamlInPlace.read("retry: &r { max_attempts: 2 }\na: *r\nb: [*r, *r]\n");
    assert.equal(
      JSON.stringify(read.value),
      '{"retry":{"max_attempts":2},"a":{"max_attempts":2},"b":[{"max_attempts":2},{"max_attempts":2}]}',
    );
    const laughs = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (const [before, name] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"]) {
      laughs.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`);
    }
    assert.deepEqual((await yamlInPlace.read(laughs.join("\n"))).diagnostics.map(summarize), ["WORKFLOW_TOO_COSTLY"]);
  });

  it("takes 100 levels and refuses 101 with one diagnostic, also by aliases", async () => {
    const nested = (depth: number): string => `x-deep: ${"[".repeat(depth - 1)}1${"]".repeat(depth - 1)}\n`;
    assert.deepEqual((await yamlInPlace.read(nested(100))).diagnostics, []);
    const ladder = Array.from({ length: 101 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`);
    for (const text of [
      nested(101),
      nested(500),
      nested(20_000),
      "[".repeat(20_000),
      ["a0: &a0 [1]", ...ladder].join("\n"),
    ]) {
      const { diagnostics, value } = await yamlInPlace.read(text);
      assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_TOO_DEEP"]);
      assert.equal(value, undefined);
    }
  });
});

describe("many problems", () => {
  it("are counted beyond the first 1,000, and the last line says how many more there are", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key-${index}`, 1]));
    const cases: readonly (readonly [string, string])[] = [
      ["a.json", JSON.stringify(unknown)],
      ["a.json", `[${",\n".repeat(60_000)}]`],
      ["a.json", `{${'"a":1,'.repeat(60_000)}"a":1}`],
      ["a.yaml", `{${'"a": 1,'.repeat(20_000)}"a": 1}`],
    ];
    for (const [fileName, text] of cases) {
      const diagnostics = await problemsOf(fileName, text);
      assert.equal(diagnostics.length, MAX_DIAGNOSTICS + 1);
      const last = diagnostics.at(-1);
      assert.match(last?.message ?? "", /^and [1-9]\d+ more problems, not shown$/);
      assert.equal(last?.offset, text.length);
    }
  });
});

describe("large files", () => {
  const node = (more: object = {}): object => ({ service: "s", input_file: "/in", output_file: "/out", ...more });
  const file = (containers: object): string =>
    JSON.stringify({ workflow_name: "large", start_node: "n0", service_registry: { s: "localhost:1" }, containers });

  it("read a chain of 10,000 nodes in JSON and YAML", async () => {
    const containers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `n${index}`,
        node(index === 0 ? {} : { depends_on: `n${index - 1}` }),
      ]),
    );
    const text = file(containers);
    const parsed = await parseWorkflow({ fileName: "a.json", text });
    assert.ok(parsed.ok);
    assert.equal(parsed.value.graph.upstream.filter((list) => list.length === 1).length, 9_999);
    // JSON is YAML.
    const yaml = await parseWorkflow({ fileName: "a.yaml", text });
    assert.ok(yaml.ok);
    assert.deepEqual(yaml.value.graph, parsed.value.graph);
  });

  it("end a circle of 10,000 nodes with one diagnostic", async () => {
    const containers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`n${index}`, node({ next_node: `n${(index + 1) % 10_000}` })]),
    );
    const diagnostics = await problemsOf("a.json", file(containers));
    assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_CYCLE containers.n9999.next_node"]);
  });

  it("look for what was meant by 10,000 misspelt names with bounded work", async () => {
    const containers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `node-number-${index}`,
        node({ next_node: `node-numbr-${index}` }),
      ]),
    );
    const diagnostics = await problemsOf("a.json", file(containers));
    assert.equal(diagnostics.length, MAX_DIAGNOSTICS + 1);
    assert.equal(diagnostics.find(({ path }) => path[1] === "node-number-0")?.suggestion, "node-number-0");
  });

  it("refuse more than 32 MiB unread", async () => {
    const diagnostics = await problemsOf("a.json", " ".repeat(32 * 1024 * 1024 + 1));
    assert.deepEqual(diagnostics.map(summarize), ["WORKFLOW_TOO_LARGE"]);
  });
});
