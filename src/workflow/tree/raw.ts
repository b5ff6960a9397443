import { escapeControls, escapeUnseen } from "../../kernel/text.ts";

/** An object of the file, before anything is known about it. Look keys up with Object.hasOwn only. */
export type RawObject = { readonly [key: string]: unknown };

export function isRawObject(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Characters of a foreign text that a message shows. */
const MAX_QUOTED = 60;

/** A text of the file for a message, on one line and short, with nothing in it that cannot be seen. */
export function quote(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED - 1)}…` : text;
  return `"${escapeUnseen(cut.toWellFormed())}"`;
}

/** The first control character of a text as a message shows it. */
export function findControl(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
  const found = /[\0-\x1f\x7f-\x9f]/.exec(text)?.[0];
  return found === undefined ? undefined : escapeControls(found);
}

/** A value for the end of a sentence: `…, not a list`. */
export function describe(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty text" : `the text ${quote(value)}`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/**
 * Keys that mean something to JavaScript's own objects. Busbar can take them; programs that read its output might not.
 */
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/** Whoever writes it wants keys from elsewhere to be merged in, as in YAML 1.1; YAML 1.2 makes a plain key of it. */
export const MERGE_KEY = "<<";

/** Neither a key of Busbar's nor a name of the user's, wherever it stands. */
export function isForbiddenKey(key: string): boolean {
  return key === MERGE_KEY || FORBIDDEN.has(key);
}
