import type { ErrorCode } from "../kernel/error-table.ts";

/** One thing preflight found: about a service, or about what a node needs that calls none. */
export interface Finding {
  /** An error stops the run; a warning is only shown. */
  readonly severity: "error" | "warning";
  readonly code: ErrorCode;
  readonly service?: string;
  readonly address?: string;
  /** The first node that needs it, where no service is meant. */
  readonly node?: string;
  /** One line that names what was checked, the cause and the next step. */
  readonly message: string;
}
