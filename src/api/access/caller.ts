import { ROLES, type Role } from "../../ports/access.ts";

export { ROLES, type Role };

/** Who makes a request. */
export interface Caller {
  /** `nobody` may do what is open to all. */
  readonly role: Role | "nobody";
  /** For people, in events. */
  readonly name: string;
  /** What idempotency keys and the audit know the caller by: `token:ID` or `loopback`. */
  readonly id: string;
  /** Whoever uses the server's machine, and has no name of their own here. */
  readonly isMachine?: true;
  /** Where the request comes from. */
  readonly address?: string;
  /** Aborts when the caller may not go on any more: open streams end then. */
  readonly until?: AbortSignal;
}

/** Whether a caller may do what needs that role: each role may do all that those before it may. */
export function mayAct({ role }: Pick<Caller, "role">, needed: Role): boolean {
  return role !== "nobody" && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
