// The token that somebody wants: as a request, and as the command that does the same.
import type { Role } from "../../../api/shapes.ts";
import { quoteArgument } from "../../../parts/command/command-line.ts";

const DAY_S = 86_400;

/** How long it is valid. */
export const EXPIRIES = {
  "1d": { says: "in a day", seconds: DAY_S },
  "30d": { says: "in 30 days", seconds: 30 * DAY_S },
  "90d": { says: "in 90 days", seconds: 90 * DAY_S },
  "365d": { says: "in a year", seconds: 365 * DAY_S },
  never: { says: "never, until it is revoked", seconds: undefined },
} as const;

export interface TokenWish {
  readonly role: Role;
  /** Empty: it has none. */
  readonly name: string;
  readonly expiry: keyof typeof EXPIRIES;
}

export function wishRequest({ role, name, expiry }: TokenWish) {
  const { seconds } = EXPIRIES[expiry];
  return {
    role,
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(seconds === undefined ? {} : { expires_in_s: seconds }),
  };
}

/** Without `busbar`: `token create --role operator --name ada --expires 90d`. */
export function wishCommand({ role, name, expiry }: TokenWish): string {
  const named = name.trim() === "" ? "" : ` --name ${quoteArgument(name.trim())}`;
  return `token create --role ${role}${named}${expiry === "never" ? "" : ` --expires ${expiry}`}`;
}
