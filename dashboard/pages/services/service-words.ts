// What is said of a service: of its status, and of what is wrong with it.
import type { ErrorCode } from "../../../src/kernel/error-table.ts";
import { remedyOf } from "../../../src/kernel/errors.ts";
import type { ServiceView } from "../../api/shapes.ts";
import type { ShownStatus } from "../../model/shown-status.ts";

/** The icon and colour of a status, and its word. */
export const SERVICE_STATUS: {
  readonly [status in ServiceView["status"]]: { readonly status: ShownStatus; readonly word: string };
} = {
  serving: { status: "succeeded", word: "serving" },
  not_serving: { status: "interrupted", word: "not serving" },
  unreachable: { status: "failed", word: "unreachable" },
  unknown: { status: "pending", word: "not looked at" },
};

export const CONTRACT_WORDS: { readonly [contract in ServiceView["contract"]]: string } = {
  ok: "as expected",
  wrong: "wrong",
  unchecked: "not checked",
};

export interface ServiceTrouble {
  /** `now`: this is how it is. `past`: a call failed, and the service was well when it was looked at after that. */
  readonly when: "now" | "past";
  readonly message: string;
  readonly code: string;
  /** What to do; commands in it stand in backquotes. */
  readonly remedy: string;
  readonly at?: string;
}

/** What is wrong with a service, the worst first: what the last look has found, then the last error. */
export function troubleOf({ findings, last_error, status, contract }: ServiceView): readonly ServiceTrouble[] {
  const found = [...findings]
    .sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"))
    .map(({ code, message }) => ({ when: "now" as const, message, code, remedy: remedyFor(code) }));
  if (last_error === undefined || found.some(({ message }) => message === last_error.error.message)) return found;
  const { code, message } = last_error.error;
  const isWell = status === "serving" && contract !== "wrong";
  return [...found, { when: isWell ? "past" : "now", message, code, remedy: remedyFor(code), at: last_error.at }];
}

/** Nothing where a newer server has errors that these pages do not know. */
function remedyFor(code: string): string {
  return remedyOf({ code: code as ErrorCode });
}

/** How many services have each status: `4 serving, 1 unreachable`; the worst first. */
export function countStatuses(services: readonly ServiceView[]): readonly (readonly [ServiceView["status"], number])[] {
  const order = ["unreachable", "not_serving", "unknown", "serving"] as const;
  return order
    .map((status) => [status, services.filter((service) => service.status === status).length] as const)
    .filter(([, count]) => count > 0);
}
