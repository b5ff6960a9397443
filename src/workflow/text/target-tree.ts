import type { Span, Target } from "./read-text.ts";

/** What is looked for in a file, as a tree of its own, so that one walk over the text finds all of it. */
export interface TargetTree {
  readonly root: TargetNode;
  /**
   * The spans of the targets, once the walk has filled in keys and values.
   * @param spanWithin the span of a part of a text, given the text and the span of the whole
   */
  spans(
    spanWithin: (text: string, span: Span, part: { readonly start: number; readonly end: number }) => Span,
  ): readonly Span[];
}

/** A place of the file on the way to a target. The walk fills in where its key and its value stand. */
export interface TargetNode {
  readonly inner: Map<string | number, TargetNode>;
  key?: Span;
  value?: Span;
  /** Where the value is written, if that is elsewhere. */
  written?: Span;
  /** The value itself, where it is a text and the walk knows it. */
  text?: string;
}

export function createTargetTree(targets: readonly Target[]): TargetTree {
  const root: TargetNode = { inner: new Map() };
  const chains = targets.map(({ path }) => {
    const chain = [root];
    let node = root;
    for (const key of path) {
      node = enter(node, key);
      chain.push(node);
    }
    return chain;
  });
  return {
    root,
    spans: (spanWithin) =>
      targets.map((target, index) => {
        const chain = chains[index] ?? [];
        const exact = chain.at(-1);
        if (target.at === "written") return exact?.written ?? exact?.value ?? NOWHERE;
        if (target.at === "value" && exact?.value !== undefined) {
          return target.within === undefined ? exact.value : spanWithin(exact.text ?? "", exact.value, target.within);
        }
        if (target.at === "key" && exact?.key !== undefined) return exact.key;
        const nearest = chain.findLast((one) => one.key !== undefined || one.value !== undefined);
        return nearest?.key ?? firstOf(nearest?.value);
      }),
  };
}

/** An empty span: of a file without a value nothing is written. */
const NOWHERE: Span = { start: 0, end: 0 };

function enter(node: TargetNode, key: string | number): TargetNode {
  const known = node.inner.get(key);
  if (known !== undefined) return known;
  const inner: TargetNode = { inner: new Map() };
  node.inner.set(key, inner);
  return inner;
}

/** An item of a list, or the whole file, has no key: its first character stands for it. */
function firstOf(span: Span | undefined): Span {
  return span === undefined ? { start: 0, end: 1 } : { start: span.start, end: span.start + 1 };
}
