const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * npm and npx pass Ctrl-C on to a child that got it from the terminal already: a second signal within this time is that
 * copy.
 */
const NPM_ECHO_MS = 100;

/**
 * Listens for the signals that ask a run to end.
 *
 * @param on.first  ask for a cancel and go on
 * @param on.second end at once
 * @returns stops listening
 */
export function listenForSignals(options: {
  readonly first: (signal: Signal) => void;
  readonly second: (signal: Signal) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly underNpm: boolean;
}): () => void {
  let firstAt: number | undefined;
  const listener = (signal: Signal): void => {
    if (firstAt === undefined) {
      firstAt = options.now();
      options.first(signal);
    } else if (!options.underNpm || options.now() - firstAt > NPM_ECHO_MS) {
      options.second(signal);
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
