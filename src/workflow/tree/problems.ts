import type { Diagnostic, TreePath } from "../../kernel/diagnostics.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import { type Place, pathOf } from "./place.ts";
import { createSuggester } from "./suggest.ts";

/** More are counted, not kept: nobody reads them, and a hostile file has millions. */
export const MAX_DIAGNOSTICS = 1000;

/** Collects what is wrong with a file, all of it at once. */
export interface Problems {
  add(code: ErrorCode, message: string, place: Place | undefined, more?: Details): void;
  /** What is no problem, but probably none that was meant. */
  warn(code: ErrorCode, message: string, place: Place, more?: Pick<Details, "at">): void;
  /** What is a problem only in the way a value is written, which is known once the whole file has been read. */
  addIfWritten(code: ErrorCode, problemOf: (written: string) => string | undefined, place: Place): void;
  /** The candidate that was probably meant. */
  suggest(wrong: string, candidates: Iterable<string>): string | undefined;
  /** How many there are for certain: those of `addIfWritten` count once they are settled. */
  count(): number;
  /** Looks up how values are written, for the messages that show them, and settles what depends on it. */
  settle(findWritten: (paths: readonly TreePath[]) => Promise<readonly string[]>): Promise<void>;
  /** The first ones, at most MAX_DIAGNOSTICS. */
  kept(): readonly Diagnostic[];
  /** The first ones, at most MAX_DIAGNOSTICS. */
  warnings(): readonly Diagnostic[];
  /** What was kept; a last one at the end of the file says how many more there were. */
  all(text: string): readonly Diagnostic[];
}

export type Details = Partial<Omit<Diagnostic, "code" | "message" | "path" | "suggestion" | "remedy" | "severity">> & {
  readonly suggestion?: string | undefined;
  readonly remedy?: string | undefined;
  /** The message with the value at the place as it is written in the file: `0123`, where the value is 123. */
  readonly asWritten?: (written: string) => string;
};

/** What waits for how the value at a path is written. */
interface Pending {
  readonly path: TreePath;
  readonly settle: (written: string) => void;
}

export function createProblems(): Problems {
  const kept: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const pending: Pending[] = [];
  const suggest = createSuggester();
  let count = 0;
  const keep = (diagnostic: Diagnostic): boolean => {
    count += 1;
    if (count > MAX_DIAGNOSTICS) return false;
    kept.push(diagnostic);
    return true;
  };
  return {
    add(code, message, place, { suggestion, remedy, asWritten, ...more } = {}) {
      const path = pathOf(place);
      const diagnostic: Diagnostic = {
        code,
        message,
        path,
        at: "value",
        ...more,
        ...(suggestion === undefined ? {} : { suggestion }),
        ...(remedy === undefined ? {} : { remedy }),
      };
      if (!keep(diagnostic) || asWritten === undefined) return;
      const index = kept.length - 1;
      const settle = (written: string): void => {
        kept[index] = { ...diagnostic, message: asWritten(written) };
      };
      pending.push({ path, settle });
    },
    warn(code, message, place, more) {
      if (warnings.length >= MAX_DIAGNOSTICS) return;
      warnings.push({ code, message, path: pathOf(place), at: "value", ...more, severity: "warning" });
    },
    addIfWritten(code, problemOf, place) {
      if (pending.length >= MAX_DIAGNOSTICS) return;
      const path = pathOf(place);
      const settle = (written: string): void => {
        const message = problemOf(written);
        if (message !== undefined) keep({ code, message, path, at: "value" });
      };
      pending.push({ path, settle });
    },
    suggest: (wrong, candidates) => (count >= MAX_DIAGNOSTICS ? undefined : suggest(wrong, candidates)),
    count: () => count,
    async settle(findWritten) {
      if (pending.length === 0) return;
      const written = await findWritten(pending.map(({ path }) => path));
      pending.splice(0).forEach(({ settle }, index) => {
        settle(written[index] ?? "");
      });
    },
    kept: () => kept,
    warnings: () => warnings,
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
