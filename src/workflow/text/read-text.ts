import type { Diagnostic, TreePath } from "../../kernel/diagnostics.ts";

/** Levels of lists and objects within each other. */
export const MAX_DEPTH = 100;

/** What a text says. `value` is there only if the text could be read. */
export interface ReadText {
  readonly value?: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** All that were found, the ones not kept included. */
  readonly count: number;
  /** Keys of `containers` in file order, where JavaScript gives them in another: keys like `10` come first there. */
  readonly containerOrder?: readonly string[];
}

/** What to look for in a text. */
export interface Target {
  readonly path: TreePath;
  /** `written` is the value at the place where it is written, which for one that an alias repeats is its anchor. */
  readonly at: "key" | "value" | "written";
  readonly within?: { readonly start: number; readonly end: number };
}

/** UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads YAML. The reader in yaml.ts does so in place; a text that might take long is given to one that can be stopped
 * (adapters/workflow-file).
 */
export interface YamlReader {
  read(text: string): Promise<ReadText>;
  /** The spans of the targets, in their order: of the nearest thing above where a target is not there. */
  locate(text: string, targets: readonly Target[]): Promise<readonly Span[]>;
}

/** Whether JavaScript may have reordered the keys of an object. Integer keys come first, so one look is enough. */
export function mayBeReordered(value: object): boolean {
  return !Array.isArray(value) && /^(?:0|[1-9]\d*)$/.test(Object.keys(value)[0] ?? "");
}
