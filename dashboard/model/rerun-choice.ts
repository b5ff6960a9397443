// What of a run is done again in another one.
import type { RunState } from "../../src/engine/state.ts";
import { quoteWord } from "../../src/kernel/quote-word.ts";

/** `rest`: what did not succeed. `node`: that node and what depends on it, besides. `all`: everything. */
export type RerunChoice = { readonly kind: "rest" | "all" } | { readonly kind: "node"; readonly node: string };

/** Ids of the nodes with which it begins, as the API takes them; undefined where the server knows them itself. */
export function rerunFrom(choice: RerunChoice, { byPosition }: RunState): readonly string[] | undefined {
  if (choice.kind === "rest") return undefined;
  if (choice.kind === "node") return [choice.node];
  return byPosition.filter(({ upstream }) => upstream.length === 0).map(({ id }) => id);
}

/** How many nodes run again. */
export function rerunCount(choice: RerunChoice, state: RunState): number {
  const again = new Set(
    state.byPosition.filter(({ status, id }) => status !== "succeeded" || rerunFrom(choice, state)?.includes(id)),
  );
  // A set is walked on through what is added meanwhile.
  for (const { downstream } of again) {
    for (const position of downstream) {
      const node = state.byPosition[position];
      if (node !== undefined) again.add(node);
    }
  }
  return again.size;
}

/** The words to type for the same. */
export function rerunCommand(runId: string, from: readonly string[] = []): string {
  return ["rerun", quoteWord(runId), ...from.flatMap((id) => ["--from", quoteWord(id)])].join(" ");
}
