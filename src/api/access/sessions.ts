import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";

/** Without a request for so long a session is over. */
const IDLE_MS = 12 * 3_600_000;
/** The one that was idle longest goes first. */
const MAX_SESSIONS = 10_000;

/**
 * Browsers that are signed in, in memory: after a restart of the server they sign in again. A session is as good as the
 * token that it was opened with, and no longer.
 */
export interface Sessions {
  /** @returns what the browser is to show: 256 bits, of which only the hash is kept */
  open(tokenId: string): string;
  /** The id of the token that a session was opened with; whoever asks has made a request with it. */
  find(session: string): string | undefined;
  /** The same, for who looks after what a session has open: that keeps it from nothing. */
  look(session: string): string | undefined;
  close(session: string): void;
}

export function createSessions(clock: Pick<Clock, "monotonic">): Sessions {
  const known = new Map<string, { readonly tokenId: string; readonly usedMs: number }>();

  function look(session: string): string | undefined {
    const digest = digestOf(session);
    const found = known.get(digest);
    if (found === undefined) return undefined;
    if (clock.monotonic() - found.usedMs < IDLE_MS) return found.tokenId;
    known.delete(digest);
    return undefined;
  }

  return {
    open(tokenId) {
      const session = randomBytes(32).toString("base64url");
      known.set(digestOf(session), { tokenId, usedMs: clock.monotonic() });
      const oldest = known.keys().next().value;
      if (known.size > MAX_SESSIONS && oldest !== undefined) known.delete(oldest);
      return session;
    },
    look,
    find(session) {
      const tokenId = look(session);
      if (tokenId === undefined) return undefined;
      const digest = digestOf(session);
      // At the end: the order is that of use.
      known.delete(digest);
      known.set(digest, { tokenId, usedMs: clock.monotonic() });
      return tokenId;
    },
    close: (session) => void known.delete(digestOf(session)),
  };
}

function digestOf(session: string): string {
  return createHash("sha256").update(session).digest("base64");
}
