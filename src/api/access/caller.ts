/** What callers may do: each may do what those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who makes a request. */
export interface Caller {
  readonly role: Role;
  /** For people, in events and in the audit: `ada@host1`. */
  readonly name: string;
  /** What idempotency keys and the audit know the caller by. */
  readonly id: string;
  /** Aborts when the caller may not go on any more: open streams end then. */
  readonly until?: AbortSignal;
}

export function mayAct(caller: Pick<Caller, "role">, needed: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(needed);
}
