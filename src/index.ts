// The public API of the package `busbar`, listed by hand.
export { ERRORS, type ErrorCode, type ErrorEntry } from "./kernel/error-table.ts";
export { BusbarError, type ErrorInfo } from "./kernel/errors.ts";
