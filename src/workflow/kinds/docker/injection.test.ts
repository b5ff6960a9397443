// test/fixtures/injection/commands.json: hostile containers, each refused, or taken with every character literal.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Diagnostic } from "../../../kernel/diagnostics.ts";
import type { JsonObject } from "../../../kernel/json.ts";
import type { Result } from "../../../kernel/result.ts";
import { parseBoth } from "../../../testing/diagnose.ts";
import { bindWorkflow } from "../../bind.ts";
import { requestOf } from "../../node.ts";
import type { Workflow } from "../../workflow.ts";

interface Case {
  readonly why: string;
  readonly expect: "refused" | "literal";
  /** Why it is refused: codes of its diagnostics, each once. */
  readonly codes?: readonly string[];
  readonly allow?: readonly string[];
  /** Texts that params are given. */
  readonly params?: { readonly [name: string]: string };
  readonly program?: string;
  readonly options?: readonly string[];
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: JsonObject;
}

const corpus = JSON.parse(
  readFileSync(new URL("../../../../test/fixtures/injection/commands.json", import.meta.url), "utf8"),
) as {
  readonly commands: readonly (Case & { readonly command: string })[];
  readonly structured: readonly (Case & { readonly docker: JsonObject })[];
};

/** A file with one node, read and bound. */
async function read(
  node: JsonObject,
  { allow = [], params = {} }: Case,
): Promise<Result<Workflow, readonly Diagnostic[]>> {
  const parsed = await parseBoth({
    workflow_name: "t",
    params: Object.fromEntries(Object.keys(params).map((name) => [name, {}])),
    docker: { allow },
    containers: [{ id: "a", ...node }],
  });
  if (!parsed.ok) return parsed;
  return bindWorkflow(parsed.value, { params, runId: "r", startedAt: "2025-01-01T00:00:00.000Z" });
}

async function check(node: JsonObject, one: Case, program: string): Promise<void> {
  const result = await read(node, one);
  if (one.expect === "refused") {
    assert.ok(!result.ok, JSON.stringify(result.ok && result.value.nodes.map(requestOf)));
    assert.deepEqual([...new Set(result.error.map(({ code }) => code))], one.codes);
    for (const { message } of result.error) assert.doesNotMatch(message, /\p{Cc}/u);
    return;
  }
  assert.ok(result.ok, JSON.stringify(result));
  const [request] = result.value.nodes.map(requestOf);
  const paths = (one.allow ?? []).filter((entry) => entry.startsWith("/"));
  assert.deepEqual(request, {
    program: one.program ?? program,
    options: one.options,
    image: one.image,
    args: one.args,
    ...(one.env === undefined ? {} : { env: one.env }),
    ...(paths.length === 0 ? {} : { allow: paths }),
  });
}

describe("the injection corpus", () => {
  for (const one of corpus.commands) {
    it(`command, ${one.expect}: ${one.why}`, () => check({ command: one.command }, one, "docker"));
  }
  for (const one of corpus.structured) {
    it(`docker, ${one.expect}: ${one.why}`, () => check({ docker: one.docker }, one, "docker"));
  }

  it("has a case of each kind often enough, and none twice", () => {
    const lines = corpus.commands.map(({ command }) => command);
    assert.equal(new Set(lines).size, lines.length);
    assert.ok(lines.length >= 80);
    for (const list of [corpus.commands, corpus.structured]) {
      for (const expected of ["refused", "literal"]) {
        assert.ok(list.filter(({ expect }) => expect === expected).length >= 5);
      }
    }
  });
});
