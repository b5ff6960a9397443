/** A program outside the project that a test needs, or why it is not there; hand `skip` to `it`. */
export type Peer<T> =
  | { readonly found: true; readonly peer: T; readonly skip: false }
  | { readonly found: false; readonly skip: string };

/**
 * Looks for a peer that a test needs. Where it is missing the test is a named
 * skip, unless the environment variable BUSBAR_REQUIRE (names with commas
 * between) lists it: then this throws, so that CI cannot skip in silence.
 *
 * @param name  as in BUSBAR_REQUIRE: `grpcio`, `strace`, `faketime`, `tmux`
 * @param probe the peer, or undefined if it is not there
 * @param missing what a skip says
 */
export function requirePeer<T>(
  name: string,
  probe: () => T | undefined,
  missing = `${name} is not installed`,
): Peer<T> {
  const peer = probe();
  if (peer !== undefined) return { found: true, peer, skip: false };
  if (isRequired(name)) throw new Error(`${name} is required (BUSBAR_REQUIRE), but it is not there`);
  return { found: false, skip: missing };
}

function isRequired(name: string): boolean {
  return (process.env.BUSBAR_REQUIRE ?? "")
    .split(",")
    .map((word) => word.trim())
    .includes(name);
}
