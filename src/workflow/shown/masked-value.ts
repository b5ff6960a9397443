/** A text of a file in which tokens may stand (semantics.md, "Secrets"). */
export interface MaskedValue {
  readonly path: readonly (string | number)[];
  /** How it is shown. */
  readonly shown: string;
  /** What is not shown of it. */
  readonly hidden: readonly HiddenPart[];
}

/** A part of a text that is not shown. */
export interface HiddenPart {
  /** What stands right before it and is shown: a part is found by both. */
  readonly before: string;
  readonly value: string;
}

export const MASK = "***";

const LITERAL_OR_REFERENCE = /((?:(?!\$\{).|\$\$\{)+)|\$\{[^}]*\}/gs;

/** A text of which all is hidden that is literal; references say nothing but names. */
export function maskLiteral(path: MaskedValue["path"], value: unknown): MaskedValue {
  if (typeof value !== "string") return { path, shown: MASK, hidden: [] };
  const hidden: HiddenPart[] = [];
  const shown = value.replace(LITERAL_OR_REFERENCE, (all, literal: string | undefined) => {
    if (literal === undefined) return all;
    hidden.push({ before: "", value: literal });
    return MASK;
  });
  return { path, shown, hidden };
}

/**
 * A text as it is written in a file, with what is not shown of it crossed out, character by character, so that all else
 * keeps its place. What is not found as it is, or as JSON writes it, may be written in any way: then nothing is shown.
 */
export function crossOut(written: string, { hidden }: Pick<MaskedValue, "hidden">): string {
  let crossed = written;
  const parts = hidden.toSorted((a, b) => b.value.length - a.value.length);
  for (const { before, value } of parts) {
    const found = [before + value, asJson(before + value)].find((text) => crossed.includes(text));
    if (found === undefined) return cross(written);
    const kept = found.startsWith(before) ? before.length : asJson(before).length;
    crossed = crossed.replaceAll(found, () => found.slice(0, kept) + cross(found.slice(kept)));
  }
  return hidden.length === 0 ? cross(written) : crossed;
}

function cross(text: string): string {
  return text.replaceAll(/[^\s"']/g, "*");
}

function asJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
