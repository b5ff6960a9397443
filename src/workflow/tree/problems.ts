import type { Diagnostic } from "../../kernel/diagnostics.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import { type Place, pathOf } from "./place.ts";
import { createSuggester } from "./suggest.ts";

/** More are counted, not kept: nobody reads them, and a hostile file has millions. */
export const MAX_DIAGNOSTICS = 1000;

/** Collects what is wrong with a file, all of it at once. */
export interface Problems {
  add(code: ErrorCode, message: string, place: Place | undefined, more?: Details): void;
  /** The candidate that was probably meant. */
  suggest(wrong: string, candidates: Iterable<string>): string | undefined;
  count(): number;
  /** The first ones, at most MAX_DIAGNOSTICS. */
  kept(): readonly Diagnostic[];
  /** What was kept; a last one at the end of the file says how many more there were. */
  all(text: string): readonly Diagnostic[];
}

export type Details = Partial<Omit<Diagnostic, "code" | "message" | "path" | "suggestion">> & {
  readonly suggestion?: string | undefined;
};

export function createProblems(): Problems {
  const kept: Diagnostic[] = [];
  const suggest = createSuggester();
  let count = 0;
  return {
    add(code, message, place, { suggestion, ...more } = {}) {
      count += 1;
      if (count > MAX_DIAGNOSTICS) return;
      const path = pathOf(place);
      kept.push({ code, message, path, at: "value", ...more, ...(suggestion === undefined ? {} : { suggestion }) });
    },
    suggest: (wrong, candidates) => (count >= MAX_DIAGNOSTICS ? undefined : suggest(wrong, candidates)),
    count: () => count,
    kept: () => kept,
    all: (text) => capDiagnostics(kept, count, text),
  };
}

/** @param count how many there were, the kept ones included */
export function capDiagnostics(kept: readonly Diagnostic[], count: number, text: string): readonly Diagnostic[] {
  const shown = kept.slice(0, MAX_DIAGNOSTICS);
  const last = shown.at(-1);
  if (last === undefined || count <= shown.length) return shown;
  const message = `and ${count - shown.length} more problems, not shown`;
  return [...shown, { code: last.code, message, path: [], at: "value", offset: text.length }];
}
