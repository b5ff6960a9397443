// Names that look the same and are not, and names that merge nothing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseWorkflow } from "./parse.ts";
import { formatDiagnostic } from "./text/format.ts";
import { locateDiagnostics } from "./text/locate.ts";

async function look(tree: unknown, fileName = "t.json") {
  const source = { fileName, text: fileName.endsWith("json") ? JSON.stringify(tree) : stringify(tree) };
  const parsed = await parseWorkflow(source);
  const told = parsed.ok ? parsed.value.warnings : parsed.error;
  return { valid: parsed.ok, told: await locateDiagnostics(told, source) };
}

const node = { service: "s", input_file: "/in", output_file: "/out" };
const withNodes = (containers: object, more: object = {}) => ({
  workflow_name: "t",
  service_registry: { s: "localhost:1" },
  containers,
  ...more,
});

/** Characters that take no place, spaces that are not the usual one, and letters that are written in two ways. */
const UNSEEN = [
  ..."\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u2060\u2064\u202e\u2066\u3164\ufe0f\ufeff\u{e0100}\u{e0041}",
];
const PAIRS: readonly (readonly [string, string])[] = [
  ...UNSEEN.map((unseen) => ["clean data", `clean${unseen} data`] as const),
  ...[..."\u00a0\u2003\u202f\u3000"].map((space) => ["clean data", `clean${space}data`] as const),
  ["clean data", "clean data\u00a0"],
  ["café", "cafe\u0301"],
  ["Å", "\u212b"],
  ["한글", "한글".normalize("NFD")],
  ["й", "и\u0306"],
];

describe("names that look the same and are not", () => {
  it("are valid, warned of at the second one, and told apart in the message; of nodes and of services", async () => {
    for (const [one, other] of PAIRS) {
      const services = { s: "localhost:1", [one]: "localhost:2", [other]: "localhost:3" };
      const trees: readonly (readonly [string, object])[] = [
        ["nodes", withNodes({ [one]: node, [other]: node })],
        [
          "nodes",
          withNodes(
            [one, other].map((id) => ({ id, ...node })),
            { execution_mode: "grpc" },
          ),
        ],
        ["services", withNodes({ a: node }, { service_registry: services })],
      ];
      for (const [what, tree] of trees) {
        for (const fileName of ["t.json", "t.yaml"]) {
          const { valid, told } = await look(tree, fileName);
          assert.ok(valid);
          assert.deepEqual(
            told.map(({ code, severity }) => [code, severity]),
            [["WORKFLOW_LOOKALIKE_NAME", "warning"]],
            JSON.stringify([one, other]),
          );
          const [, first, second] = /look the same: "(.*)" and "(.*)"$/.exec(told[0]?.message ?? "") ?? [];
          assert.notEqual(first, second);
          assert.equal(first?.normalize("NFC"), one);
          assert.match(second ?? "", /\\u|\\x/);
          assert.match(told[0]?.message ?? "", new RegExp(`^two ${what}`));
          assert.match(formatDiagnostic(told[0] as never), /^t\.\w+:\d+:\d+ warning /);
        }
      }
    }
  });

  it("are what was meant where one of them does not exist", async () => {
    for (const [one, other] of PAIRS) {
      for (const [meant, wrong] of [
        [one, other],
        [other, one],
      ] as const) {
        const { told } = await look(
          withNodes({ a: { ...node, next_node: wrong }, [meant]: node }, { start_node: "a" }),
        );
        assert.deepEqual(
          told.map(({ code, suggestion }) => [code, suggestion]),
          [["WORKFLOW_UNKNOWN_NODE", meant]],
        );
        const [head = ""] = formatDiagnostic(told[0] as never).split("\n");
        const [, named, suggested] = /next_node "(.*)" does not exist\. Did you mean "(.*)"\?$/.exec(head) ?? [];
        assert.ok(named !== undefined && named !== suggested, head);
      }
    }
  });

  it("are none where they differ in what can be seen", async () => {
    const visible = fc.stringMatching(/^[a-zA-Z0-9äöéй한 ._-]{1,8}$/).map((name) => name.trim().replace(/ +/g, " "));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          visible.filter((name) => name !== ""),
          { minLength: 2, maxLength: 5 },
        ),
        async (ids) => {
          const names = ids.map((id) => id.normalize("NFC"));
          const { told } = await look(withNodes(Object.fromEntries(names.map((id) => [id, node]))));
          assert.deepEqual(told, []);
        },
      ),
    );
  });

  it("show nothing unseen in any message, whatever is wrong with them", async () => {
    for (const [, wrong] of PAIRS) {
      const tree = withNodes(
        { [wrong]: { ...node, service: wrong, [wrong]: 1 }, b: { ...node, executor: wrong } },
        {
          start_node: [wrong, "x", wrong],
          on_failure: wrong,
          params: { [wrong]: {} },
        },
      );
      const { told } = await look(tree);
      assert.ok(told.length >= 6);
      for (const { message } of told) {
        assert.doesNotMatch(message, /[\p{Cf}\p{Default_Ignorable_Code_Point}]|[^\P{Zs} ]/u);
        assert.equal(message, message.normalize("NFC"));
      }
    }
  });
});

describe("<<, which merges nothing", () => {
  const yaml = (lines: readonly string[]): string => lines.join("\n");
  const base = ["x-base: &base { timeout_seconds: 5 }", "workflow_name: t"];
  const registry = ["service_registry:", "  a: localhost:1"];
  const containers = ["containers:", "  a:", "    input_file: /in", "    output_file: /out"];

  it("is told at its key wherever a name or key may stand, with what to do; quoted, and in JSON, too", async () => {
    const places: readonly (readonly [number, readonly string[]])[] = [
      [3, [...base, "<<: *base", ...registry, ...containers]],
      [4, [...base, ...registry.slice(0, 1), "  <<: *base", ...registry.slice(1), ...containers]],
      [5, [...base, "service_registry:", "  a:", "    <<: *base", "    address: localhost:1", ...containers]],
      [6, [...base, "service_registry:", "  a:", "    address: h:1", "    metadata: { <<: *base }", ...containers]],
      [6, [...base, ...registry, "containers:", "  <<: *base", ...containers.slice(1)]],
      [9, [...base, ...registry, ...containers, '    "<<": *base']],
      [9, [...base, ...registry, ...containers, "    retry: { <<: *base }"]],
      [3, [...base, "params: { <<: *base }", ...registry, ...containers]],
      [4, [...base, "containers:", "  a: { executor: docker, docker: { image: i, volumes: [], env: { <<: *base } } }"]],
      [4, [...base, "containers:", "  a: { executor: docker, docker: { image: i, volumes: [], <<: *base } }"]],
    ];
    for (const [line, lines] of places) {
      const source = { fileName: "t.yaml", text: yaml(lines) };
      const parsed = await parseWorkflow(source);
      assert.ok(!parsed.ok);
      const told = await locateDiagnostics(parsed.error, source);
      const column = (lines[line - 1]?.search(/"?<</) ?? 0) + 1;
      assert.deepEqual(
        told.map((one) => [one.code, one.line, one.column]),
        [["WORKFLOW_MERGE_KEY", line, column]],
        source.text,
      );
      assert.match(told[0]?.message ?? "", /YAML 1\.2/);
    }
    const { told } = await look(withNodes({ a: { ...node, "<<": {} } }));
    assert.deepEqual(
      told.map(({ code }) => code),
      ["WORKFLOW_MERGE_KEY"],
    );
  });

  it("is the user's own where the key is the user's own", async () => {
    const text = yaml([...base, "x-more: { <<: *base }", ...registry, ...containers]);
    const parsed = await parseWorkflow({ fileName: "t.yaml", text });
    assert.ok(parsed.ok);
  });
});
