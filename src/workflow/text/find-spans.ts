import type { TreePath } from "../../kernel/diagnostics.ts";
import type { Definition } from "../model/definition.ts";
import type { Span, Target } from "./read-text.ts";
import { type ParseOptions, yamlReaderFor } from "./source.ts";

type Text = Pick<Definition, "text" | "format">;

/** Where the targets stand in a text that could be read, in their order. */
export async function findSpans(
  { text, format }: Text,
  targets: readonly Target[],
  options: ParseOptions,
): Promise<readonly Span[]> {
  if (targets.length === 0 || text === "") return [];
  // Only what can be cloned into another thread, and no more of it than needed.
  const plain = targets.map(({ path, at, within }) => ({ path, at, ...(within === undefined ? {} : { within }) }));
  if (format === "yaml") return (await yamlReaderFor(text, options)).locate(text, plain);
  const { locateInJson } = await import("./json-positions.ts");
  return locateInJson(text, plain);
}

/** How the values at some paths are written, in their order. */
export async function findWritten(
  source: Text,
  paths: readonly TreePath[],
  options: ParseOptions,
): Promise<readonly string[]> {
  const spans = await findSpans(
    source,
    paths.map((path) => ({ path, at: "written" })),
    options,
  );
  return spans.map(({ start, end }) => source.text.slice(start, end));
}
