import type { Diagnostic, TreePath } from "../../kernel/diagnostics.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import { MAX_DIAGNOSTICS } from "../tree/problems.ts";
import { MAX_DEPTH, type ReadText } from "./read-text.ts";

/** Problems of the text itself, whose offsets are known at once. */
export interface YamlProblems {
  add(
    code: ErrorCode,
    message: string,
    span: readonly [start: number, end: number],
    more?: { readonly keyPath?: TreePath; readonly remedy?: string | undefined },
  ): void;
  count(): number;
  result(): Pick<ReadText, "diagnostics" | "count">;
}

export function createYamlProblems(): YamlProblems {
  const diagnostics: Diagnostic[] = [];
  let count = 0;
  return {
    add(code, message, [offset, end], { keyPath, remedy } = {}) {
      count += 1;
      if (diagnostics.length >= MAX_DIAGNOSTICS) return;
      const length = Math.max(1, end - offset);
      diagnostics.push({
        code,
        message,
        path: keyPath ?? [],
        at: keyPath ? "key" : "value",
        offset,
        length,
        ...(remedy === undefined ? {} : { remedy }),
      });
    },
    count: () => count,
    result: () => ({ diagnostics, count }),
  };
}

export function tooDeep(problems: YamlProblems, offset: number): void {
  problems.add("WORKFLOW_TOO_DEEP", `the file is nested deeper than ${MAX_DEPTH} levels`, [offset, offset + 1]);
}
