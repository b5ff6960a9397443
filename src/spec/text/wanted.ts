import type { Span, Target } from "./read-text.ts";

/** What is looked for in a tree, as a tree itself, so that one walk over the text finds everything. */
export interface Wanted {
  readonly inner: Map<string | number, Wanted>;
  key?: Span;
  value?: Span;
  /** The value itself, where it is a text and the walk knows it. */
  text?: string;
}

export interface WantedTree {
  readonly root: Wanted;
  /**
   * The spans of the targets, once keys and values have been filled in.
   * @param within the span of a part of a text that stands at a span
   */
  spans(
    within: (text: string, span: Span, part: { readonly start: number; readonly end: number }) => Span,
  ): readonly Span[];
}

export function createWanted(targets: readonly Target[]): WantedTree {
  const root: Wanted = { inner: new Map() };
  const chains = targets.map(({ path }) => {
    const chain = [root];
    let wanted = root;
    for (const key of path) {
      let inner = wanted.inner.get(key);
      if (inner === undefined) {
        inner = { inner: new Map() };
        wanted.inner.set(key, inner);
      }
      wanted = inner;
      chain.push(wanted);
    }
    return chain;
  });
  return {
    root,
    spans: (within) =>
      targets.map((target, index) => {
        const chain = chains[index] ?? [];
        const exact = chain.at(-1);
        if (target.at === "value" && exact?.value !== undefined) {
          return target.within === undefined ? exact.value : within(exact.text ?? "", exact.value, target.within);
        }
        if (target.at === "key" && exact?.key !== undefined) return exact.key;
        const nearest = chain.findLast((one) => one.key !== undefined || one.value !== undefined);
        return nearest?.key ?? firstOf(nearest?.value);
      }),
  };
}

/** An item of a list, or the whole file, has no key: its first character stands for it. */
function firstOf(span: Span | undefined): Span {
  return span === undefined ? { start: 0, end: 1 } : { start: span.start, end: span.start + 1 };
}
