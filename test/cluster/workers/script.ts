/** What the attempts of a node do, as its id says it: workers know no more of a run than they are told. */
export interface NodeScript {
  /** What an attempt takes, in milliseconds. */
  readonly ms: number;
  /** So many attempts fail, and may be tried again. */
  readonly failures: number;
  /** All attempts fail for good. */
  readonly isDoomed: boolean;
  /** An attempt lasts until its worker is told to let it go. */
  readonly isHeld?: boolean;
}

/** `n3_w40_f1`: a name, 40 ms, one failure; `_x`: doomed. `_h`, which tests write by hand: held. */
export function nodeIdOf(name: string, { ms, failures, isDoomed }: NodeScript): string {
  return `${name}_w${ms}_f${failures}${isDoomed ? "_x" : ""}`;
}

export function scriptOf(nodeId: string): NodeScript {
  const number = (letter: string): number => Number(nodeId.match(new RegExp(`_${letter}(\\d+)`))?.[1] ?? 0);
  return { ms: number("w"), failures: number("f"), isDoomed: nodeId.endsWith("_x"), isHeld: nodeId.endsWith("_h") };
}
