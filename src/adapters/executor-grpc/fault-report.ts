// What is said of a fault: in which row of the error table, in which words, and whether it lasts.
import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorCode } from "../../kernel/error-table.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Tls } from "../../workflow/model/service.ts";

/** What the service was asked when the fault came. */
export interface Asked {
  readonly what: "call" | "health check" | "check";
  readonly limitMs: number;
  readonly tls: Tls | undefined;
  /** Which a peer may say again in what is quoted of it. */
  readonly secrets: Secrets;
}

export interface FaultReport {
  /** Of the finding that it is. */
  readonly code: Extract<ErrorCode, `SERVICE_${string}` | "INTERNAL">;
  /** Goes on from "<service> at <address> ". */
  readonly text: string;
  /** Whether every further try would end alike until somebody mends something. */
  readonly isFinal: boolean;
}

export function passing(code: FaultReport["code"], text: string): FaultReport {
  return { code, text, isFinal: false };
}

/** Answered, and broke a rule of gRPC or a limit. */
export function against(text: string): FaultReport {
  return passing("SERVICE_CHECK_FAILED", text);
}

export function lasting(report: FaultReport): FaultReport {
  return { ...report, isFinal: true };
}

/** No connection came about. */
export function unreached({ what }: Asked, code: FaultReport["code"], why: string): FaultReport {
  return passing(code, `${what === "call" ? "could not" : "cannot"} be reached: ${why}`);
}

export function broke({ what }: Asked, how: string): FaultReport {
  return passing("SERVICE_UNREACHABLE", `broke the connection during the ${what}${how}`);
}

export function limitOf({ limitMs }: Asked): string {
  return formatDuration(limitMs);
}
