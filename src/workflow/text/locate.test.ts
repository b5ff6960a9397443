import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse as parseYaml, stringify } from "yaml";
import type { Diagnostic, LocatedDiagnostic } from "../../kernel/diagnostics.ts";
import { parseWorkflow } from "../parse.ts";
import { formatDiagnostic, formatMessage } from "./format.ts";
import { locateDiagnostics } from "./locate.ts";

async function located(fileName: string, text: string): Promise<readonly LocatedDiagnostic[]> {
  const source = { fileName, text };
  const parsed = await parseWorkflow(source);
  return parsed.ok ? [] : locateDiagnostics(parsed.error, source);
}

const format = async (fileName: string, text: string): Promise<string> =>
  (await located(fileName, text)).map(formatDiagnostic).join("\n");

const JSON_FILE = `{
  "workflow_name": "energy",
  "start_node": "energy-generator",
  "service_registry": {
    "energy-generator": "localhost:50051",
    "energy-analyzer": "localhost"
  },
  "containers": {
    "energy-generator": {
      "input_file": "/data/\\u0024{env.HOME}/\\"${"$"}{params.dri}\\"",
      "output_file": "",
      "next_node": "energy-analyser"
    },
    "energy-analyzer": {
      "input_file": "/data/in"
    }
  }
}
`;

describe("locateDiagnostics", () => {
  it("places each problem of a JSON file, in the order of the file", async () => {
    assert.equal(
      await format("energy-pipeline.json", JSON_FILE),
      `energy-pipeline.json:6:24 error WORKFLOW_INVALID_VALUE: the address "localhost" has no port; write host:port
  6 |     "energy-analyzer": "localhost"
    |                        ^^^^^^^^^^^
energy-pipeline.json:10:28 error REFERENCE_INVALID: input_file: references to the environment are allowed in service metadata and container env only
  10 |       "input_file": "/data/\\u0024{env.HOME}/\\"${"$"}{params.dri}\\"",
     |                            ^^^^^^^^^^^^^^^^
energy-pipeline.json:10:47 error REFERENCE_INVALID: input_file: the param dri is not declared under params
  10 |       "input_file": "/data/\\u0024{env.HOME}/\\"${"$"}{params.dri}\\"",
     |                                               ^^^^^^^^^^^^^
energy-pipeline.json:11:22 error WORKFLOW_INVALID_VALUE: output_file is empty
  11 |       "output_file": "",
     |                      ^^
energy-pipeline.json:12:20 error WORKFLOW_UNKNOWN_NODE: next_node "energy-analyser" does not exist. Did you mean "energy-analyzer"?
  12 |       "next_node": "energy-analyser"
     |                    ^^^^^^^^^^^^^^^^^
energy-pipeline.json:14:5 error WORKFLOW_MISSING_KEY: the container "energy-analyzer" has no output_file
  14 |     "energy-analyzer": {
     |     ^^^^^^^^^^^^^^^^^`,
    );
  });

  it("places them in YAML, whatever the style of the text", async () => {
    const text = `# a pipeline
workflow_name: energy
service_registry:
  a: localhost
  b: &b
    address: example.org:1
    metadata:
      Authorization: "\\x42earer ${"$"}{env.TOKEN}"
containers:
  a:
    input_file: >-
      /data/${"$"}{params.one}
      /${"$"}{params.two}
    output_file: '${"$"}{env.HOME}'
    depends_on: [c, "bb"]
  "b": { input_file: in, otput_file: out }
  c:
  - 1
`;
    assert.equal(
      await format("p.yaml", text),
      `p.yaml:4:6 error WORKFLOW_INVALID_VALUE: the address "localhost" has no port; write host:port
  4 |   a: localhost
    |      ^^^^^^^^^
p.yaml:8:22 error WORKFLOW_SECRET_PLAINTEXT: metadata "Authorization" of "b" would travel unencrypted to example.org:1
  8 |       Authorization: "********* ************"
    |                      ^^^^^^^^^^^^^^^^^^^^^^^^
p.yaml:12:13 error REFERENCE_INVALID: input_file: the param one is not declared under params
  12 |       /data/${"$"}{params.one}
     |             ^^^^^^^^^^^^^
p.yaml:13:8 error REFERENCE_INVALID: input_file: the param two is not declared under params
  13 |       /${"$"}{params.two}
     |        ^^^^^^^^^^^^^
p.yaml:14:19 error REFERENCE_INVALID: output_file: references to the environment are allowed in service metadata and container env only
  14 |     output_file: '${"$"}{env.HOME}'
     |                   ^^^^^^^^^^^
p.yaml:15:21 error WORKFLOW_UNKNOWN_NODE: depends_on "bb" does not exist. Did you mean "b"?
  15 |     depends_on: [c, "bb"]
     |                     ^^^^
p.yaml:16:3 error WORKFLOW_MISSING_KEY: the container "b" has no output_file
  16 |   "b": { input_file: in, otput_file: out }
     |   ^^^
p.yaml:16:26 error WORKFLOW_UNKNOWN_KEY: "otput_file" is not a key of a grpc node. Did you mean "output_file"?
  16 |   "b": { input_file: in, otput_file: out }
     |                          ^^^^^^^^^^
p.yaml:18:3 error WORKFLOW_WRONG_TYPE: the container "c" must be an object, not a list
  18 |   - 1
     |   ^^^`,
    );
  });

  it("marks the same things in both formats", async () => {
    const tree: unknown = parseYaml(JSON_FILE);
    const [json, yaml] = [await located("a.json", JSON_FILE), await located("a.yaml", stringify(tree))];
    const told = (list: readonly LocatedDiagnostic[]) => list.map(({ code, message }) => `${code} ${message}`);
    assert.deepEqual(told(yaml), told(json));
  });

  it("counts columns in characters", async () => {
    const text = '{"workflow_name": "🔌🔌", "größe": 1, "containers": {"ä": 5}}';
    const found = await located("a.json", text);
    assert.deepEqual(
      found.map(({ column, length }) => [column, length]),
      [
        [25, 7],
        [57, 1],
      ],
    );
  });

  it("places what is missing at the top, and syntax errors where the parser stumbled", async () => {
    assert.match(
      await format("a.json", "{}"),
      /^a\.json:1:1 error WORKFLOW_MISSING_KEY: workflow_name is missing\n {2}1 \| \{\}\n {4}\| \^\^\n/,
    );
    assert.equal(
      await format("a.json", '{\r\n  "a": tru\r\n}'),
      `a.json:2:8 error WORKFLOW_SYNTAX: this is no JSON: texts stand in double quotes; only true, false and null go without
  2 |   "a": tru
    |        ^^^`,
    );
    assert.match(await format("a.yaml", "a: [1\nb: 2\n"), /^a\.yaml:\d+:\d+ error WORKFLOW_SYNTAX: /);
    assert.equal(await format("a.json", ""), "a.json:1:1 error WORKFLOW_SYNTAX: the file is empty");
  });

  it("skips a byte order mark", async () => {
    const [first] = await located("a.json", '\uFEFF{"a": 1}');
    assert.deepEqual([first?.line, first?.column], [1, 1]);
  });

  it("cuts long lines around the mark, and keeps the mark under what it means", async () => {
    const wide = Array.from({ length: 5000 }, (_, index) => `"x-${index}":"${"ü".repeat(20)}"`).join(",");
    const text = `{${wide},"workflow_nam":"🔌",${wide.replaceAll("x-", "x-more-")},"containers":7}`;
    const found = await located("a.json", text);
    const typo = found.find(({ code }) => code === "WORKFLOW_UNKNOWN_KEY");
    assert.ok(typo !== undefined);
    assert.ok(typo.column > 100_000);
    assert.ok([...typo.source_line].length < 130);
    const [, line = "", mark = ""] = formatDiagnostic(typo).split("\n");
    const from = [...mark].indexOf("^");
    assert.equal([...line].slice(from, from + typo.length).join(""), '"workflow_nam"');
  });

  it("shows no control character to the terminal", async () => {
    const text = '{"workflow_name": "a\u001b[31m\tb", "x\u202e": "\u009b1A"}';
    const shown = await format("a\u001b[2J\n.json", text);
    assert.ok(shown.startsWith("a\\x1b[2J\\n.json:1:"));
    for (const control of "\u001b\u009b\u202e\t") assert.ok(!shown.includes(control));
  });

  it("finds 1,000 problems in one long line of several megabytes", async () => {
    const nodes = Array.from(
      { length: 40_000 },
      (_, index) => `"n${index}":{"service":"s","input_file":"","output_file":"o"}`,
    );
    const text = `{"workflow_name":"t","service_registry":{"s":"localhost:1"},"containers":{${nodes.join(",")}}}`;
    const found = await located("a.json", text);
    assert.equal(found.length, 1001);
    assert.equal(found.at(-1)?.message, "and 39000 more problems, not shown");
  });
});

describe("formatMessage", () => {
  it("is a diagnostic without a place", () => {
    const diagnostic: Diagnostic = {
      code: "PARAM_UNKNOWN",
      message: "no such",
      path: [],
      at: "value",
      suggestion: "dir",
    };
    assert.equal(formatMessage(diagnostic), 'error PARAM_UNKNOWN: no such. Did you mean "dir"?');
  });
});
