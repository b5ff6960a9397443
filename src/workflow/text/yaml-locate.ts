import { type Document, isMap, isScalar, isSeq } from "yaml";
import type { Span, Target } from "./read-text.ts";
import { createTargetTree, type TargetNode } from "./target-tree.ts";
import { sourceOfKey, spanOf } from "./yaml-build.ts";

/** Where the targets stand. For a target within what an alias repeats, that is the alias. */
export function locateInYaml(document: Document.Parsed, text: string, targets: readonly Target[]): readonly Span[] {
  const tree = createTargetTree(targets);
  walk(document.contents, tree.root);
  return tree.spans((value, span, within) => spanWithin(text, value, span, within));
}

/** Goes no deeper than the targets, whose paths come from a tree of bounded depth. */
function walk(node: unknown, target: TargetNode): void {
  if (node === null) return;
  const [start, end] = spanOf(node);
  target.value = { start, end };
  if (isScalar(node) && typeof node.value === "string") target.text = node.value;
  if (isSeq(node)) {
    for (const [index, inner] of target.inner) if (typeof index === "number") walk(node.items[index] ?? null, inner);
  }
  if (!isMap(node) || target.inner.size === 0) return;
  for (const { key, value } of node.items) {
    const name = isScalar(key) && typeof key.value === "string" ? key.value : sourceOfKey(key, null);
    const inner = target.inner.get(name);
    if (inner === undefined) continue;
    const [from, to] = spanOf(key);
    inner.key = { start: from, end: to };
    walk(value, inner);
  }
}

/**
 * A reference within a text. Quotes, folding and escapes make offsets differ between value and file, so the
 * `${` are counted instead; one that is written with escapes makes the whole text be marked.
 */
function spanWithin(
  text: string,
  value: string,
  span: Span,
  within: { readonly start: number; readonly end: number },
): Span {
  const raw = text.slice(span.start, span.end);
  const [inValue, inFile] = [opensOf(value), opensOf(raw)];
  const offset = inFile[inValue.indexOf(within.start)];
  if (offset === undefined || inValue.length !== inFile.length) return span;
  const close = raw.indexOf("}", offset);
  return { start: span.start + offset, end: close < 0 ? span.end : span.start + close + 1 };
}

function opensOf(text: string): readonly number[] {
  return [...text.matchAll(/\$\{/g)].map((match) => match.index);
}
