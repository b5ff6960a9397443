import { type ErrorCode, isErrorCode } from "../../kernel/error-table.ts";
import { Status } from "./grpc-js.ts";

/** The name of a gRPC status. A number that gRPC does not have counts as UNKNOWN, as its specification asks. */
export function statusName(code: number): string {
  return Status[code] ?? "UNKNOWN";
}

/** The row of the error table for a status of a call that the service failed. */
export function callErrorCode(status: string): ErrorCode {
  const code = status === "CANCELLED" ? "CALL_CANCELLED_BY_SERVICE" : `CALL_${status}`;
  return isErrorCode(code) ? code : "CALL_UNKNOWN";
}
