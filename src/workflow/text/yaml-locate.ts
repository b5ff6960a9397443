import { type Alias, type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node, visit } from "yaml";
import type { Span, Target } from "./read-text.ts";
import { createTargetTree, type TargetNode } from "./target-tree.ts";
import { sourceOfKey, spanOf } from "./yaml-build.ts";

/**
 * Where the targets stand. A target within what an alias repeats stands where the alias does, and is written where its
 * anchor is.
 */
export function locateInYaml(document: Document.Parsed, text: string, targets: readonly Target[]): readonly Span[] {
  const tree = createTargetTree(targets);
  walk(document.contents, tree.root, createAnchorFinder(document));
  return tree.spans((value, span, within) => spanWithin(text, value, span, within));
}

/** Goes no deeper than the targets, whose paths come from a tree of bounded depth. */
function walk(node: unknown, target: TargetNode, findAnchor: AnchorFinder): void {
  if (node === null) return;
  target.value = toSpan(node);
  if (isScalar(node) && typeof node.value === "string") target.text = node.value;
  if (isAlias(node)) walkWritten(node, target, findAnchor);
  for (const { key, value, inner } of childrenOf(node, target)) {
    if (key !== undefined) inner.key = toSpan(key);
    walk(value, inner, findAnchor);
  }
}

/** The same within what an alias repeats. */
function walkWritten(node: unknown, target: TargetNode, findAnchor: AnchorFinder): void {
  const written = isAlias(node) ? findAnchor(node) : node;
  if (written === undefined || written === null) return;
  target.written = toSpan(written);
  for (const { value, inner } of childrenOf(written, target)) walkWritten(value, inner, findAnchor);
}

interface Child {
  /** Items of a list have none. */
  readonly key?: unknown;
  readonly value: unknown;
  readonly inner: TargetNode;
}

/** What leads on to a target. */
function* childrenOf(node: unknown, { inner }: TargetNode): Iterable<Child> {
  if (inner.size === 0) return;
  if (isSeq(node)) {
    for (const [index, one] of inner) {
      if (typeof index === "number") yield { value: node.items[index] ?? null, inner: one };
    }
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    const one = inner.get(isScalar(key) && typeof key.value === "string" ? key.value : sourceOfKey(key, null));
    if (one !== undefined) yield { key, value, inner: one };
  }
}

/** What an alias repeats. */
type AnchorFinder = (alias: Alias) => Node | undefined;

/** One pass over the document for all aliases, and only if there is one. */
function createAnchorFinder(document: Document.Parsed): AnchorFinder {
  let found: ReadonlyMap<Alias, Node> | undefined;
  return (alias) => {
    found ??= findAnchors(document);
    return found.get(alias);
  };
}

/** The anchor of each alias: an anchor may be given again, and the last one before the alias counts. */
function findAnchors(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const found = new Map<Alias, Node>();
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      const anchor = anchors.get(node.source);
      if (anchor !== undefined) found.set(node, anchor);
    } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, node);
  });
  return found;
}

function toSpan(node: unknown): Span {
  const [start, end] = spanOf(node);
  return { start, end };
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
