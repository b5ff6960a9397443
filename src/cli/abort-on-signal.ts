import { EXIT_CANCELLED } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { listenForSignals } from "./signals.ts";

/**
 * The first signal aborts, the second ends the process at once: for commands that leave nothing to put in order.
 * @param onHangUp told of a hang-up that does not count
 */
export function abortOnSignal(
  io: Io,
  onHangUp: () => void = () => undefined,
): { readonly signal: AbortSignal; readonly stopListening: () => void } {
  const abort = new AbortController();
  const stopListening = listenForSignals(io, {
    first: () => abort.abort(),
    second: () => process.exit(EXIT_CANCELLED),
    ignored: onHangUp,
  });
  return { signal: abort.signal, stopListening };
}
