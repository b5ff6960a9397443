// What is said of a run when it is made, beside its workflow. It stands with the run, as long as that does, and in no event.

/** Who starts runs: the command line, a server, or a program that uses the library. */
export type RunOrigin = "cli" | "server" | "library";

export const RUN_ORIGINS: readonly RunOrigin[] = ["cli", "server", "library"];

/** Of a run that waits for its turn: higher goes first. */
export const MIN_PRIORITY = -100;
export const MAX_PRIORITY = 100;

/** By what a request to start a run is known again. */
export interface Idempotency {
  /** Given by whoever asks, and unlike all others while its run is there. */
  readonly key: string;
  /** Of what is asked: the same key with another hash asks for something else. */
  readonly hash: string;
}

/** The run that was started with a key; as in `--json` and the API, hence snake_case. */
export interface KeyedRun {
  readonly run_id: string;
  readonly hash: string;
}

/** What a journal stores of it. */
export interface RunFacts {
  readonly origin?: RunOrigin;
  /** {@link MIN_PRIORITY} to {@link MAX_PRIORITY}; 0 where left out. */
  readonly priority?: number;
}
