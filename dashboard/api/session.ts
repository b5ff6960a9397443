// Who the reader is to the server, asked once for all parts of the page.
import { useSyncExternalStore } from "react";
import { ROLES } from "../../src/ports/access.ts";
import { api, KNOWN_CALLER, UNKNOWN_CALLER } from "./api.ts";
import { isApiError } from "./client.ts";
import type { Role, Session } from "./shapes.ts";

/** `unknown`: not told yet. `nobody`: the server wants a token first. */
export type Standing =
  | { readonly kind: "unknown" }
  | { readonly kind: "nobody" }
  | { readonly kind: "somebody"; readonly session: Session };

let standing: Standing = { kind: "unknown" };
let isAsked = false;
const watchers = new Set<() => void>();

/** Who the reader is, as far as it is known. */
export function useStanding(): Standing {
  return useSyncExternalStore(watch, () => standing);
}

/** Who the reader is; undefined while that is not known, and while it is nobody. */
export function useSession(): Session | undefined {
  const now = useStanding();
  return now.kind === "somebody" ? now.session : undefined;
}

/** Whether somebody may do what needs that role: each may do all that those before it may. */
export function mayAct(session: Session | undefined, needed: Role): boolean {
  return session !== undefined && ROLES.indexOf(session.role) >= ROLES.indexOf(needed);
}

/** Asks the server anew: a token may have been revoked, or another tab may have signed in. */
export async function askWhoIAm(): Promise<void> {
  try {
    become({ kind: "somebody", session: await api.call("get", "/api/v1/session", {}) });
  } catch (thrown) {
    // Where the server does not answer nothing is learned; that it does not is told elsewhere.
    if (isApiError(thrown)) become({ kind: "nobody" });
  }
}

/**
 * Signs in, and loads the page anew: what was refused before is asked for again. Until then the page stays as it is, and
 * nobody is shown anything that is gone as soon as it is pressed.
 * @throws ApiError TOKEN_INVALID, TOO_MANY_LOGINS
 */
export async function signIn(token: string): Promise<void> {
  await api.call("post", "/api/v1/session", { body: { token } });
  location.reload();
}

/** @throws ApiError */
export async function signOut(): Promise<void> {
  await api.call("delete", "/api/v1/session", {});
  await askWhoIAm();
}

function become(next: Standing): void {
  if (JSON.stringify(next) === JSON.stringify(standing)) return;
  standing = next;
  if (next.kind === "somebody") dispatchEvent(new Event(KNOWN_CALLER));
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  if (!isAsked) {
    isAsked = true;
    addEventListener(UNKNOWN_CALLER, () => become({ kind: "nobody" }));
    void askWhoIAm();
  }
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
