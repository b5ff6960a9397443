// Definitions as they are shown: literal tokens hidden, all else as it was (semantics.md, "Secrets").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { bindWorkflow } from "../bind.ts";
import { diffNodes } from "../diff.ts";
import { maskCommand } from "../kinds/docker/shown.ts";
import { requestOf, shownRequestOf } from "../node.ts";
import { parseWorkflow } from "../parse.ts";
import { columnInSourceLine } from "../text/lines.ts";
import { locateDiagnostics } from "../text/locate.ts";
import type { Workflow } from "../workflow.ts";
import { maskDefinition } from "./mask-definition.ts";
import { shownTextOf } from "./shown-text.ts";

const TOKEN = 'tok"en\\s3cret';
const tree = (token: string) => ({
  workflow_name: "w",
  service_registry: {
    s: { address: "localhost:1", metadata: { "X-Key": token, authorization: `Bearer ${token}`, both: "a${env.T}b" } },
    plain: "localhost:2",
  },
  containers: {
    a: { service: "s", input_file: "/i", output_file: "/o" },
    b: { executor: "docker", docker: { image: "i", volumes: [], env: { KEY: token, MIX: "p${env.T}" } } },
    c: {
      executor: "docker",
      command: `docker run -v v:/v -e K='${token}' --env=L=x-literal -i i sh -c 'echo -e A'`,
    },
  },
});

async function parse(text: string, fileName = "w.json"): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName, text });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

describe("a definition that is shown", () => {
  it("holds no literal value of metadata or of a variable, and is the same otherwise", async () => {
    const masked = {
      ...{ "X-Key": "***", authorization: "***", both: "***${env.T}***" },
    };
    const expected = tree("x");
    expected.service_registry.s.metadata = masked;
    expected.containers.b.docker.env = { KEY: "***", MIX: "***${env.T}" };
    expected.containers.c.command = "docker run -v v:/v -e K='***' --env=L='***' -i i sh -c 'echo -e A'";
    const json = JSON.stringify(tree(TOKEN), undefined, 2);
    const shown = await shownTextOf(await parse(json));
    assert.deepEqual(JSON.parse(shown), expected);
    assert.equal(shown, JSON.stringify(expected, undefined, 2));
    const yaml = await shownTextOf(await parse(stringify(tree(TOKEN)), "w.yaml"));
    assert.doesNotMatch(yaml, /s3cret|literal/);
    assert.deepEqual((await parse(yaml, "w.yaml")).nodes.length, 3);
  });

  it("holds none in any style of YAML, aliases and their anchors included", async () => {
    const text = [
      "workflow_name: w",
      "x-token: &token s3cret-1",
      "service_registry:",
      "  s:",
      "    address: localhost:1",
      "    metadata:",
      "      a: *token",
      "      b: >-",
      "        s3cret-2",
      "        s3cret-2b",
      "      c: |",
      "        s3cret-3",
      "      d: 's3cret-4' # a comment",
      '      e: "s3\\x63ret-5"',
      "      f: s3cret-6",
      "        s3cret-6b",
      "containers:",
      "  - { id: s, input_file: /i, output_file: /o }",
    ].join("\n");
    const shown = await maskDefinition({ text, format: "yaml" });
    assert.doesNotMatch(shown, /s3cret|s3.x63/);
    assert.match(shown, /# a comment\n/);
    assert.match(shown, /\{ id: s, input_file: \/i, output_file: \/o \}/);
  });

  it("is shown as it is where nothing is hidden, and where it cannot be read", async () => {
    const plain = JSON.stringify({
      workflow_name: "w",
      service_registry: { a: "localhost:1" },
      containers: { a: { input_file: "i", output_file: "o" } },
    });
    assert.equal(await shownTextOf(await parse(plain)), plain);
    assert.equal(await maskDefinition({ text: "{", format: "json" }), "{");
  });

  it("holds no token, whatever it is", async () => {
    const token = fc
      .string({ minLength: 8, maxLength: 20, unit: "grapheme" })
      .filter((text) => !/[$'\\\s]/.test(text) && /^[ -~]*$/.test(text));
    await fc.assert(
      fc.asyncProperty(token, fc.boolean(), async (value, isYaml) => {
        const text = isYaml ? stringify(tree(value)) : JSON.stringify(tree(value));
        const shown = await maskDefinition({ text, format: isYaml ? "yaml" : "json" });
        assert.ok(!shown.includes(value) && !shown.includes(JSON.stringify(value).slice(1, -1)), shown);
      }),
      { numRuns: 200 },
    );
  });
});

describe("maskCommand", () => {
  it("hides values of variables however they are written, and nothing else", () => {
    for (const [command, shown] of [
      ["docker run -e A=b i", "docker run -e A='***' i"],
      ["docker run -eA=b --env A=b --env=A=b i", "docker run -eA='***' --env A='***' --env=A='***' i"],
      ["docker run -ie A=b -ite=A=b i", "docker run -ie A='***' -ite=A='***' i"],
      ["docker run -e 'A=b c' -e \"A=b c\" -e A='b c' i", "docker run -e 'A=***' -e \"A=***\" -e A='***' i"],
      ["docker run '-e' A=b i", "docker run '-e' A='***' i"],
      ["docker run -e A -e A= -v /e=f:/g --label e=f i", "docker run -e A -e A= -v /e=f:/g --label e=f i"],
      ["docker run -e A=b\\ c i", "docker run -e A='***' i"],
    ] as const) {
      assert.equal(maskCommand(command).shown, shown, command);
    }
  });
});

describe("what is told of a definition", () => {
  const bound = async (token: string): Promise<Workflow> => {
    const workflow = await parse(JSON.stringify(tree(token)));
    const filled = bindWorkflow(workflow, { params: {}, runId: "r", startedAt: "2025-01-01T00:00:00.000Z" });
    assert.ok(filled.ok);
    return filled.value;
  };

  it("are requests without tokens, though executors are asked with them", async () => {
    const { nodes } = await bound("s3cret-value");
    for (const node of nodes) {
      const request = requestOf(node);
      const shown = JSON.stringify(shownRequestOf(node, request));
      assert.doesNotMatch(shown, /s3cret|literal/);
      if (node.id !== "a") assert.match(JSON.stringify(request), /s3cret/);
      if (node.id === "c") assert.match(shown, /"--env=K=\*\*\*","--env=L=\*\*\*"/);
    }
  });

  it("are differences that name a variable, not its value", async () => {
    const differences = diffNodes(await bound("s3cret-1"), await bound("s3cret-2"), ["b", "c"]);
    const texts = JSON.stringify([...differences]);
    assert.equal(differences.size, 2);
    assert.doesNotMatch(texts, /s3cret/);
    assert.match(texts, /no longer have \\"--env=KEY=\*\*\*\\"/);
  });

  it("are lines with a problem in them, crossed out where a token stands, each mark under what it means", async () => {
    const text =
      '{ "service_registry": { "s": { "adress": "a:1", "metadata": { "k": "s3cret" } } },\n "containers": { "c": { "executor": "docker", "command": "docker run -e K=\\"s3cret\\" --nonsense i" } } }';
    const parsed = await parseWorkflow({ fileName: "w.json", text });
    assert.ok(!parsed.ok);
    const located = await locateDiagnostics(parsed.error, { fileName: "w.json", text });
    assert.doesNotMatch(JSON.stringify(located), /s3cret/);
    const nonsense = located.find(({ message }) => message.includes("--nonsense"));
    const { column = 0, length = 0, source_line = "" } = nonsense ?? {};
    const from = columnInSourceLine(column) - 1;
    assert.equal(source_line.slice(from, from + length), "--nonsense");
    assert.match(source_line, /docker run -e K=/);
  });
});
