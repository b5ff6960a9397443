import { isSet } from "./env.ts";
import type { Io } from "./io.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * npm and npx pass Ctrl-C on to a child that got it from the terminal already: a second signal within this time is that
 * copy.
 */
const NPM_ECHO_MS = 100;

/** What is to be done when a process is asked to end. */
export interface SignalListener {
  /** Asks for an orderly end, and goes on. */
  first(signal: Signal): void;
  /** Ends at once. */
  second(signal: Signal): void;
  /** Takes note of a hang-up that does not count. */
  ignored?(signal: Signal): void;
}

/**
 * Listens for the signals that ask a process to end.
 *
 * A hang-up is one of them only where the process was started at a terminal, which then is the one that closes. Where
 * it was not (`nohup`, systemd, cron, `--detach`) it does not count. Whether it was to be ignored cannot be asked: Node
 * resets what a process inherits of that before any script runs.
 *
 * @param now monotonic milliseconds
 * @returns stops listening
 */
export function listenForSignals(
  { env, startedAtTerminal }: Pick<Io, "env" | "startedAtTerminal">,
  on: SignalListener,
  now: () => number = () => performance.now(),
): () => void {
  const underNpm = isSet(env("npm_lifecycle_event"));
  let firstAt: number | undefined;
  const listener = (signal: Signal): void => {
    if (signal === "SIGHUP" && !startedAtTerminal) {
      on.ignored?.(signal);
    } else if (firstAt === undefined) {
      firstAt = now();
      on.first(signal);
    } else if (!underNpm || now() - firstAt > NPM_ECHO_MS) {
      on.second(signal);
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
