// A definition as it is shown. Whoever runs a workflow needs the values in its metadata and variables; whoever looks at it
// does not, and they may be tokens.
import { KINDS } from "../kinds/kinds.ts";
import type { Definition } from "../model/definition.ts";
import { findSpans } from "../text/find-spans.ts";
import type { Span, Target } from "../text/read-text.ts";
import { type ParseOptions, readTree } from "../text/source.ts";
import { isRawObject, type RawObject } from "../tree/raw.ts";
import { crossOut, type MaskedValue, maskLiteral } from "./masked-value.ts";

/** Where a text with tokens in it stands in a file. */
interface MaskedSpan extends Span {
  readonly masked: MaskedValue;
}

/** The text with `***` in the place of literal values of metadata and of containers' variables; readable as before. */
export async function maskDefinition(
  definition: Pick<Definition, "text" | "format">,
  options: ParseOptions = {},
): Promise<string> {
  const hidden = await findHidden(definition, options);
  let shown = "";
  let from = 0;
  for (const { start, end, masked } of hidden) {
    const old = definition.text.slice(start, end);
    // What a block of YAML ends with ends the line, too.
    shown += definition.text.slice(from, start) + JSON.stringify(masked.shown) + (/[\r\n]+$/.exec(old)?.[0] ?? "");
    from = end;
  }
  return shown + definition.text.slice(from);
}

/** The same, crossed out character by character: every other one keeps its place. */
export async function crossOutDefinition(
  definition: Pick<Definition, "text" | "format">,
  options: ParseOptions = {},
): Promise<string> {
  const { text } = definition;
  let visible = "";
  let from = 0;
  for (const { start, end, masked } of await findHidden(definition, options)) {
    visible += text.slice(from, start) + crossOut(text.slice(start, end), masked);
    from = end;
  }
  return visible + text.slice(from);
}

/**
 * Where tokens may stand, in order, none within another. Nowhere, if the text cannot be read: then nobody can say what
 * in it is a value.
 */
async function findHidden(
  { text, format }: Pick<Definition, "text" | "format">,
  options: ParseOptions,
): Promise<readonly MaskedSpan[]> {
  const tree = await readTree(text, format, options);
  const masked = "value" in tree ? maskedInTree(tree.value) : [];
  if (masked.length === 0) return [];
  // An alias of YAML is hidden, and what it stands for too.
  const targets = masked.flatMap(({ path }): Target[] => [
    { path, at: "value" },
    { path, at: "written" },
  ]);
  const spans = await findSpans({ text, format }, targets, options);
  const found = spans
    .flatMap((span, index): MaskedSpan[] => {
      const one = masked[index >> 1];
      return one === undefined ? [] : [{ ...span, masked: one }];
    })
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  let reached = 0;
  return found.filter(({ start, end }) => {
    if (start < reached) return false;
    reached = end;
    return true;
  });
}

function maskedInTree(tree: unknown): readonly MaskedValue[] {
  if (!isRawObject(tree)) return [];
  const services = isRawObject(tree.service_registry) ? tree.service_registry : {};
  const metadata = Object.entries(services).flatMap(([name, service]) => {
    const values = isRawObject(service) && isRawObject(service.metadata) ? service.metadata : {};
    return Object.entries(values).map(([key, value]) =>
      maskLiteral(["service_registry", name, "metadata", key], value),
    );
  });
  const { containers } = tree;
  const nodes: readonly (readonly [string | number, unknown])[] = Array.isArray(containers)
    ? [...containers.entries()]
    : Object.entries(isRawObject(containers) ? containers : {});
  const inNodes = nodes.flatMap(([key, node]) =>
    isRawObject(node) ? maskedInNode(node).map((one) => ({ ...one, path: ["containers", key, ...one.path] })) : [],
  );
  return [...metadata, ...inNodes];
}

function maskedInNode(node: RawObject): readonly MaskedValue[] {
  return KINDS.flatMap((kind) => kind.maskedIn?.(node) ?? []);
}
