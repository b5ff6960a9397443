/** Gives what is asked for a key by which the server knows it again. */
export interface StartKeys {
  /** The same for the same body. */
  keyOf(body: unknown): string;
}

/** A start whose answer was lost, asked for again, is the same start, and makes no second run. */
export function createStartKeys(): StartKeys {
  let last: { readonly text: string; readonly key: string } | undefined;
  return {
    keyOf(body) {
      const text = JSON.stringify(body);
      if (last?.text !== text) last = { text, key: randomKey() };
      return last.key;
    },
  };
}

/** Pages that came over plain HTTP from another machine have no `crypto.randomUUID`. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
