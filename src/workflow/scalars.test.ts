// Values of the wrong type: shown as they are written, with the way to write what was meant, which then is right.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LocatedDiagnostic } from "../kernel/diagnostics.ts";
import { parseWorkflow } from "./parse.ts";
import { locateDiagnostics } from "./text/locate.ts";

/** A valid file with the scalar at one place, in both formats: `?` is replaced. */
interface Field {
  readonly where: string;
  readonly file: object;
  /** A text that is valid there. */
  readonly valid: string;
}

const node = { service: "s", input_file: "/in", output_file: "/out" };
const grpc = (more: object, containers: object = { a: node }) => ({
  workflow_name: "t",
  service_registry: { s: "localhost:1" },
  containers,
  ...more,
});
const docker = (more: object) => ({
  workflow_name: "t",
  containers: [{ id: "a", docker: { image: "i", volumes: [], ...more } }],
});
const TEXT_FIELDS: readonly Field[] = [
  { where: "workflow_name", file: grpc({ workflow_name: "?" }), valid: "t" },
  { where: "name", file: grpc({}, { a: { ...node, name: "?" } }), valid: "t" },
  { where: "input_file", file: grpc({}, { a: { ...node, input_file: "?" } }), valid: "t" },
  { where: "service", file: grpc({}, { a: { ...node, service: "?" } }), valid: "s" },
  { where: "id in a list", file: grpc({ execution_mode: "grpc" }, [{ ...node, id: "?" }]), valid: "t" },
  { where: "id beside a key", file: grpc({}, { a: { ...node, id: "?" } }), valid: "a" },
  { where: "depends_on", file: grpc({}, { a: node, b: { ...node, depends_on: ["?"] } }), valid: "a" },
  { where: "start_node", file: grpc({ start_node: "?" }), valid: "a" },
  { where: "address", file: grpc({ service_registry: { s: { address: "?" } } }), valid: "h:1" },
  { where: "metadata", file: grpc({ service_registry: { s: { address: "h:1", metadata: { k: "?" } } } }), valid: "t" },
  { where: "ca_file", file: grpc({ service_registry: { s: { address: "h:1", tls: { ca_file: "?" } } } }), valid: "t" },
  { where: "default", file: grpc({ params: { p: { default: "?" } } }), valid: "t" },
  { where: "key", file: grpc({ concurrency: { max_runs: 1, key: "?" } }), valid: "t" },
  { where: "description", file: grpc({ params: { p: { description: "?" } } }), valid: "t" },
  { where: "image", file: docker({ image: "?" }), valid: "t" },
  { where: "args", file: docker({ args: ["x", "?"] }), valid: "t" },
  { where: "env", file: docker({ env: { K: "?" } }), valid: "t" },
  { where: "user", file: docker({ user: "?" }), valid: "t" },
  { where: "volumes", file: docker({ volumes: ["?"] }), valid: "/a:/b" },
  { where: "source", file: docker({ volumes: [{ source: "?", target: "/b" }] }), valid: "/a" },
];

async function problemsOf(fileName: string, text: string): Promise<readonly LocatedDiagnostic[]> {
  const source = { fileName, text };
  const parsed = await parseWorkflow(source);
  return parsed.ok ? [] : locateDiagnostics(parsed.error, source);
}

/** The file with the scalar as it is written, one key a line. JSON is YAML too, but for what only YAML can say. */
const write = ({ file }: Field, written: string): string => JSON.stringify(file, undefined, 1).replace('"?"', written);

/** The same in YAML, with the scalar behind an alias; or what holds it, at most so many levels above. */
function writeRepeated({ file }: Field, written: string, levels: number): string {
  const copy = structuredClone(file);
  const path = pathToScalar(copy) ?? [];
  const [key = "", ...above] = path.slice(0, Math.max(1, path.length - levels)).reverse();
  const owner = above.reduceRight((tree: Tree, name) => tree[name] as Tree, copy as Tree);
  const repeated = JSON.stringify(owner[key]).replace('"?"', written);
  owner[key] = "*v";
  const rest = JSON.stringify(copy).replace('"*v"', "*v ").slice(1);
  return `{ "x-before": &v 0.0, "x-v": &v ${repeated}, ${rest}`;
}

type Tree = { [key: string]: unknown };

function pathToScalar(tree: unknown): readonly string[] | undefined {
  if (tree === "?") return [];
  if (typeof tree !== "object" || tree === null) return undefined;
  for (const [key, value] of Object.entries(tree)) {
    const path = pathToScalar(value);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}

const JSON_SCALARS = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1.0",
    "1e3",
    "1E-2",
    "123456789012345678901234567890",
    "0.1000000000000000055",
    "true",
    "null",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
const YAML_SCALARS = fc.oneof(
  JSON_SCALARS,
  fc.constantFrom(
    "0123",
    "007",
    "+7",
    "1.",
    ".5",
    "0x1f",
    "0o17",
    "~",
    "Null",
    "TRUE",
    "False",
    ".inf",
    "-.INF",
    ".nan",
  ),
  fc.nat().map((value) => `0${value}`),
);

describe("a scalar where a text is wanted", () => {
  for (const [format, scalars] of [
    ["json", JSON_SCALARS],
    ["yaml", YAML_SCALARS],
  ] as const) {
    it(`is shown as it is written in ${format}, at its place; quotes are the way out, and then it is a text`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...TEXT_FIELDS), scalars, async (field, written) => {
          const text = write(field, written);
          const found = (await problemsOf(`t.${format}`, text)).filter(({ code }) => code === "WORKFLOW_WRONG_TYPE");
          const before = write(field, "?").split("?")[0]?.split("\n") ?? [];
          assert.deepEqual(
            found.map(({ line, column, length }) => ({ line, column, length })),
            [{ line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: written.length }],
            `${field.where} ${text}`,
          );
          assert.ok(found[0]?.message.endsWith(`, not ${written}; put it in quotes: "${written}"`), found[0]?.message);
          const mended = await problemsOf(`t.${format}`, write(field, `"${written}"`));
          assert.deepEqual(
            mended.filter(({ code }) => code === "WORKFLOW_WRONG_TYPE"),
            [],
          );
        }),
      );
    });
  }

  it("is none where YAML 1.2 reads a text already", async () => {
    const texts = ["yes", "No", "off", "2024-01-01", "12:30:45", "1_000", "0b1", "1.2.3", "0x", "1e", "٣", "nil"];
    for (const field of TEXT_FIELDS) {
      for (const written of [...texts, field.valid]) {
        const found = await problemsOf("t.yaml", write(field, written));
        assert.deepEqual(
          found.filter(({ code }) => code === "WORKFLOW_WRONG_TYPE"),
          [],
          `${field.where} ${written}`,
        );
      }
      assert.deepEqual(await problemsOf("t.yaml", write(field, field.valid)), []);
    }
  });

  it("is shown as its anchor is written where an alias repeats it, also within what the alias repeats", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...TEXT_FIELDS), YAML_SCALARS, fc.nat(2), async (field, written, level) => {
        const shown = `, not ${written}; put it in quotes: "${written}"`;
        const found = await problemsOf("t.yaml", writeRepeated(field, written, level));
        const wrong = found.filter(({ code }) => code === "WORKFLOW_WRONG_TYPE");
        assert.ok(wrong.length > 0 && wrong.every(({ message }) => message.endsWith(shown)), JSON.stringify(found));
      }),
    );
  });

  it("says so where nothing is written at all", async () => {
    const messages = async (text: string) => (await problemsOf("t.yaml", text)).map(({ message }) => message);
    const rest = "service_registry: { a: localhost:1 }\ncontainers: { a: { input_file: /in, output_file: /out";
    assert.deepEqual(await messages(`workflow_name:\n${rest} } }\n`), [
      "workflow_name must be a text; nothing is written there",
    ]);
    for (const nothing of ["", "  \n", "# a comment\n", "---\n"]) {
      assert.deepEqual(await messages(nothing), ["a workflow file holds an object; nothing is written there"]);
    }
    assert.deepEqual(await messages(`workflow_name: &n 0123\n${rest} } }\n`), [
      'workflow_name must be a text, not 0123; put it in quotes: "0123"',
    ]);
  });
});

describe("a text where a number or a boolean is wanted", () => {
  const messages = async (more: object) => {
    const found = await problemsOf("t.json", JSON.stringify(grpc(more)));
    return found.map(({ message }) => message);
  };

  it("is to go without its quotes, where it reads as one", async () => {
    assert.deepEqual(await messages({ max_parallel: "4" }), [
      'max_parallel must be a whole number, not the text "4"; write 4 without quotes',
    ]);
    assert.deepEqual(await messages({ total_timeout_seconds: "1.5" }), [
      'total_timeout_seconds must be a number of seconds, not the text "1.5"; write 1.5 without quotes',
    ]);
    assert.deepEqual(await messages({ max_parallel: "four" }), [
      'max_parallel must be a whole number, not the text "four"',
    ]);
    for (const word of ["true", "yes", "On"]) {
      assert.deepEqual(await messages({ service_registry: { s: { address: "h:1", allow_plaintext: word } } }), [
        `allow_plaintext must be true or false, not the text "${word}"; write true without quotes`,
      ]);
    }
  });

  it("shows a number out of range as it is written", async () => {
    for (const written of ["0", "-0", "1e400", "1e9", "123456789012345678901"]) {
      const text = JSON.stringify(grpc({ max_parallel: "?" })).replace('"?"', written);
      const [found] = await problemsOf("t.json", text);
      assert.ok(found?.message.endsWith(`, not ${written}`), found?.message);
    }
  });
});

describe("anything at all at any place", () => {
  it("is a diagnostic on one line, or valid, and never an error of Busbar's", async () => {
    const fields = [...TEXT_FIELDS, { where: "max_parallel", file: grpc({ max_parallel: "?" }), valid: "1" }];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.json({ noUnicodeString: false }), async (field, written) => {
        for (const format of ["json", "yaml"]) {
          for (const { message, line, remedy } of await problemsOf(`t.${format}`, write(field, written))) {
            assert.doesNotMatch(message, /\p{Cc}/u);
            assert.ok(line >= 1 && remedy !== "");
          }
        }
      }),
    );
  });
});

describe("a text that YAML reads as something else", () => {
  it("comes with the way to write it", async () => {
    const cases: readonly (readonly [string, RegExp, string])[] = [
      ["a: b", /in quotes/, '"a: b"'],
      ["@x", /in quotes/, '"@x"'],
      ["`x`", /in quotes/, '"`x`"'],
      ["!!str 0123", /in quotes/, '"0123"'],
      ['"C:\\d"', /two backslashes/, '"C:\\\\d"'],
    ];
    const file = (name: string) =>
      `workflow_name: ${name}\ncontainers: [{ id: a, docker: { image: i, volumes: [] } }]\n`;
    for (const [wrong, remedy, right] of cases) {
      const [found] = await problemsOf("t.yaml", file(wrong));
      assert.equal(found?.code, "WORKFLOW_SYNTAX");
      assert.match(found?.remedy ?? "", remedy);
      assert.deepEqual(await problemsOf("t.yaml", file(right)), []);
    }
    const flow = (path: string) =>
      `workflow_name: t\nservice_registry: { a: "h:1" }\ncontainers:\n  a: { input_file: ${path}, output_file: /o }\n`;
    const [found] = await problemsOf("t.yaml", flow("${run.id}/f"));
    assert.match(found?.remedy ?? "", /in quotes where it stands within/);
    assert.deepEqual(await problemsOf("t.yaml", flow('"${run.id}/f"')), []);
  });
});
