import { standsIn } from "./secret-patterns.ts";

/** Characters of texts that are kept; the one that came last is kept however long it is. */
const MAX_KEPT_CHARS = 4 * 1024 * 1024;

/** Texts that everybody may read. A long-lived process keeps the newest: a line of one that was dropped is hidden again. */
export interface PublicTexts {
  /** @returns whether it is new */
  add(text: string): boolean;
  /** Whether the line stands in one of them. */
  have(line: string): boolean;
}

export function createPublicTexts(): PublicTexts {
  const texts = new Set<string>();
  let chars = 0;
  return {
    add(text) {
      if (texts.has(text)) return false;
      texts.add(text);
      chars += text.length;
      for (const oldest of texts) {
        if (chars <= MAX_KEPT_CHARS || oldest === text) break;
        texts.delete(oldest);
        chars -= oldest.length;
      }
      return true;
    },
    have: (line) => [...texts].some((text) => standsIn(text, line)),
  };
}
