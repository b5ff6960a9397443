import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { Diagnostic } from "../kernel/diagnostics.ts";
import type { Result } from "../kernel/result.ts";
import { parseWorkflow } from "../workflow/parse.ts";
import type { Workflow } from "../workflow/workflow.ts";

/**
 * What parsing a workflow file's tree gives. It is read as JSON and as YAML, and both must give the same
 * workflow or the same diagnostics.
 */
export async function parseBoth(tree: unknown): Promise<Result<Workflow, readonly Diagnostic[]>> {
  const json = await parseWorkflow({ fileName: "workflow.json", text: JSON.stringify(tree) });
  const yaml = await parseWorkflow({
    fileName: "workflow.yaml",
    text: stringify(tree, { aliasDuplicateObjects: false }),
  });
  assert.deepEqual(comparable(yaml), comparable(json));
  return json;
}

/** One line for each diagnostic of a tree: `CODE path.to.it`, with `key:` before the path where the key is meant. */
export async function diagnose(tree: unknown): Promise<readonly string[]> {
  const parsed = await parseBoth(tree);
  return parsed.ok ? [] : parsed.error.map(summarize);
}

export function summarize({ code, path, at }: Diagnostic): string {
  return `${code} ${at === "key" ? "key:" : ""}${path.join(".")}`.trimEnd();
}

function comparable(parsed: Result<Workflow, readonly Diagnostic[]>): unknown {
  if (parsed.ok) return { ...parsed.value, definition: undefined };
  return parsed.error.map(({ offset: _, length: __, ...diagnostic }) => diagnostic);
}
