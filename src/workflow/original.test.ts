// What the original's parser let through beside its own files (contracts.md §4): taken with the meaning it had there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parseBoth } from "../testing/diagnose.ts";
import { workflowSchema } from "./schema/schema.ts";
import type { Workflow } from "./workflow.ts";

type Tree = { readonly [key: string]: unknown };

const fixtures = new URL("../../test/fixtures/seed/", import.meta.url);
const read = (name: string): Tree => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));
const phase2 = read("phase2/energy-pipeline.json");
const phase1 = read("phase1/energy-pipeline-volumes.json");

const inSchema = new Ajv2020({ strict: true }).compile(await workflowSchema());

async function valid(tree: Tree): Promise<Omit<Workflow, "definition">> {
  assert.ok(inSchema(tree), JSON.stringify([tree, inSchema.errors]));
  const parsed = await parseBoth(tree);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const { definition: _, ...workflow } = parsed.value;
  return workflow;
}

async function refused(tree: Tree): Promise<void> {
  assert.equal(inSchema(tree), false, JSON.stringify(tree));
  assert.equal((await parseBoth(tree)).ok, false, JSON.stringify(tree));
}

const withNodes = (tree: Tree, change: (node: Tree) => Tree): Tree => {
  const { containers } = tree;
  if (Array.isArray(containers)) return { ...tree, containers: containers.map(change) };
  const nodes = Object.entries(containers as Tree).map(([id, node]) => [id, change(node as Tree)] as const);
  return { ...tree, containers: Object.fromEntries(nodes) };
};

/** Writes a word in any mixture of upper and lower case. */
const anyCase = (word: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => [...word].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(""));

describe("files that the original's parser let through", () => {
  it("have a description, of the workflow and of its nodes, on any number of lines", async () => {
    for (const tree of [phase1, phase2]) {
      const plain = await valid(tree);
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: fc.constantFrom(..."ab é\n\t\"'$#:-{"), maxLength: 50 }),
          async (description) => {
            const described = withNodes({ ...tree, description }, (node) => ({ ...node, description }));
            assert.deepEqual(await valid(described), plain);
          },
        ),
      );
    }
    await refused({ ...phase2, description: 1 });
    await refused(withNodes(phase2, (node) => ({ ...node, description: ["a"] })));
    await refused({ ...phase2, description: "x".repeat(4097) });
  });

  it("end the chain with an empty next_node as with null", async () => {
    const plain = await valid(phase2);
    const ended = withNodes(phase2, (node) => ({ ...node, next_node: node.next_node ?? "" }));
    assert.deepEqual(await valid(ended), plain);
    const dependent = withNodes(phase1, (node) => ({
      ...node,
      depends_on: node.depends_on === undefined ? "" : node.depends_on,
    }));
    assert.deepEqual(await valid(dependent), await valid(phase1));
    await refused(withNodes(phase2, (node) => ({ ...node, next_node: [node.next_node ?? ""] })));
  });

  it("leave the timeout to the default with null, whichever default that is", async () => {
    const without = (node: Tree): Tree => {
      const { timeout_seconds: _, ...rest } = node;
      return rest;
    };
    for (const more of [{}, { defaults: { timeout_seconds: 7 } }]) {
      const plain = await valid(withNodes({ ...phase2, ...more }, without));
      const nulls = withNodes({ ...phase2, ...more }, (node) => ({ ...node, timeout_seconds: null }));
      assert.deepEqual(await valid(nulls), plain);
    }
    await refused(withNodes(phase2, (node) => ({ ...node, total_timeout_seconds: null })));
    await refused({ ...phase2, defaults: { timeout_seconds: null } });
  });

  it("say execution_mode in any case", async () => {
    const [grpc, docker] = [await valid(phase2), await valid(phase1)];
    await fc.assert(
      fc.asyncProperty(anyCase("grpc"), anyCase("docker"), async (one, other) => {
        assert.deepEqual(await valid({ ...phase2, execution_mode: one }), grpc);
        assert.deepEqual(await valid({ ...phase1, execution_mode: other }), docker);
      }),
    );
    for (const wrong of ["grpcs", " grpc", "gr pc", "", null, "ｇｒｐｃ"])
      await refused({ ...phase2, execution_mode: wrong });
  });
});
