import type { ErrorCode } from "../../../kernel/error-table.ts";

/** Something wrong with a container of the file, without its place in the tree. */
export interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  /** Part of the text it was found in, UTF-16 offsets; absent where it concerns the whole. */
  readonly within?: { readonly start: number; readonly end: number };
  readonly suggestion?: string | undefined;
  /** What to do, where it is more than what the table says of the code. */
  readonly remedy?: string | undefined;
}
