import type { ErrorCode } from "../kernel/error-table.ts";

/** One thing preflight found about a service. */
export interface Finding {
  /** An error stops the run; a warning is only shown. */
  readonly severity: "error" | "warning";
  readonly code: ErrorCode;
  readonly service: string;
  readonly address: string;
  /** One line that names service, address, cause and next step. */
  readonly message: string;
}
