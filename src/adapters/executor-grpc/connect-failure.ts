import type { ErrorCode } from "../../kernel/error-table.ts";
import { Status, type StatusObject } from "./grpc-js.ts";

/** Why no connection to a service came about. */
export interface ConnectFailure {
  readonly code: Extract<
    ErrorCode,
    "SERVICE_UNREACHABLE" | "SERVICE_UNKNOWN_NAME" | "SERVICE_WRONG_PROTOCOL" | "SERVICE_TLS"
  >;
  /** Goes on from "<service> at <address>: ". */
  readonly text: string;
}

/**
 * Whether the time was over while the host's name was still being looked up: nobody was called, so that nothing can be
 * said of the service.
 */
export function isStillLookingUp(status: StatusObject): boolean {
  return status.code === Status.DEADLINE_EXCEEDED && /\bwaiting for name resolution\b/.test(status.details);
}

/** Whether a call failed before any connection was there. */
export function failedToConnect(status: StatusObject): boolean {
  return (
    status.code === Status.UNAVAILABLE &&
    /^(?:round_robin: )?No connection established|^Name resolution failed/.test(status.details)
  );
}
