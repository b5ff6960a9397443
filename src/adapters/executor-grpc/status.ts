import { type ErrorCode, isErrorCode } from "../../kernel/error-table.ts";
import { Code } from "../grpc-client/status.ts";

const NAMES = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name]));

/** Whether gRPC has a status of this number. */
export function isKnownStatus(code: number): boolean {
  return NAMES.has(code);
}

/** The name of a gRPC status. A number that gRPC does not have counts as UNKNOWN, as its specification asks. */
export function statusName(code: number): string {
  return NAMES.get(code) ?? "UNKNOWN";
}

/** The row of the error table for a status of a call that the service failed. */
export function callErrorCode(status: string): ErrorCode {
  const code = status === "CANCELLED" ? "CALL_CANCELLED_BY_SERVICE" : `CALL_${status}`;
  return isErrorCode(code) ? code : "CALL_UNKNOWN";
}
