import { hostname, userInfo } from "node:os";

/** Who asks, for `by` in events: `ada@host1`. */
export function describeCaller(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a number that has no name.
    return `${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}
