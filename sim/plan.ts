/**
 * All that a simulation does, as data: a seed makes one (generate.ts), shrinking
 * drops parts of one (shrink.ts), kept ones are JSON. Times are virtual
 * milliseconds from the beginning.
 */
export interface Plan {
  /** Of the draws that are left: latencies, the order of what is due at once. */
  readonly seed: number;
  /** How many owners share the journal, ≥ 1. */
  readonly owners: number;
  /** Runs that go on at once in one owner, ≥ 1; left out: all do, and `concurrency` means nothing. */
  readonly maxRuns?: number;
  readonly executors: { readonly grpc: Abilities; readonly docker: Abilities };
  readonly runs: readonly RunPlan[];
  readonly actions: readonly Action[];
}

/** The kinds of nodes that are simulated: one that calls a service, and one whose work its executor can find again. */
export type Kind = keyof Plan["executors"];

export function kindOf({ executor }: { readonly executor: string }): Kind {
  if (executor === "grpc" || executor === "docker") return executor;
  throw new TypeError(`no node of the kind ${executor} is simulated`);
}

/** What an executor can do besides executing. */
export interface Abilities {
  readonly recover: boolean;
  readonly sweep: boolean;
  readonly release: boolean;
  readonly preflight: boolean;
}

export interface RunPlan {
  readonly id: string;
  /** It is made of this one of the runs, with its workflow: of what stands here only how calls go matters then. */
  readonly rerunOf?: number;
  readonly nodes: readonly NodePlan[];
  /** Pairs [from, to] of places in `nodes`, from < to. */
  readonly edges: readonly (readonly [number, number])[];
  readonly maxParallel: number;
  /** Of the one service that its gRPC nodes call. */
  readonly maxConcurrency?: number;
  readonly onFailure: "stop" | "continue";
  /** Of the one workflow that all runs with it are of. */
  readonly concurrency?: {
    readonly maxRuns: number;
    readonly key?: string;
    readonly whenFull: "queue" | "reject" | "cancel_oldest";
  };
  readonly totalTimeoutMs?: number;
  /** What each preflight finds in turn; those that come after find nothing. */
  readonly preflights: readonly Check[];
}

export interface NodePlan {
  readonly id: string;
  readonly kind: Kind;
  readonly timeoutMs: number;
  readonly totalTimeoutMs?: number;
  /** Recorded failures a round. */
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly onLost: "retry" | "fail";
  /** Its request differs from what it was at first. */
  readonly isAskedOtherwise?: boolean;
  /** How each call goes in turn; those that come after succeed. */
  readonly calls: readonly Call[];
  /** How each question whether an attempt is still there goes in turn; those that come after are answered truly. */
  readonly recoveries: readonly ("truth" | "gone" | "reject")[];
}

/** How a call goes. `afterMs` from when it arrives. */
export type Call =
  | { readonly kind: "succeed"; readonly afterMs: number }
  | {
      readonly kind: "fail";
      readonly afterMs: number;
      readonly retriable: boolean;
      readonly pushback?: number | "never";
    }
  /** Never ends by itself; answers an abort so much later. */
  | { readonly kind: "hang"; readonly abortMs: number }
  /** Answers an abort with a success, so much later. */
  | { readonly kind: "stubborn"; readonly afterMs: number; readonly abortMs: number }
  /** Breaks its promise (X2): throws at once, or rejects. */
  | { readonly kind: "throw" }
  | { readonly kind: "reject"; readonly afterMs: number };

/** How a preflight goes. `reject` breaks the promise of the port. */
export interface Check {
  readonly kind: "ok" | "warning" | "error" | "reject";
  readonly afterMs: number;
}

/** What is asked of a run. */
export type Asked = "cancel" | "pause" | "unpause";

/** Which ended runs are pruned. */
export interface Which {
  readonly keep?: number;
  readonly olderThanMs?: number;
  readonly maxBytes?: number;
}

/** What happens from outside, at `atMs`. Of an owner that is not there, nothing. */
export type Action = { readonly atMs: number } & (
  | {
      readonly kind: "start";
      readonly owner: number;
      readonly run: number;
      readonly preflight: boolean;
      readonly priority?: number;
    }
  /** `changed`: with the run's workflow as a changed file has it. `recovery`: on nobody's word, and as it is. */
  | {
      readonly kind: "resume";
      readonly owner: number;
      readonly run: number;
      readonly preflight: boolean;
      readonly changed?: boolean;
      readonly recovery?: boolean;
    }
  /** Makes a run of the one that it is planned to be of. `from`: places of nodes. */
  | {
      readonly kind: "rerun";
      readonly owner: number;
      readonly run: number;
      readonly from: readonly number[];
      readonly changed?: boolean;
    }
  | { readonly kind: Asked; readonly owner: number; readonly run: number; readonly key: string }
  | { readonly kind: "watch" | "get"; readonly owner: number; readonly run: number }
  /** Follows all runs from there on: `last` is where the last feed came to. */
  | {
      readonly kind: "feed";
      readonly owner: number;
      readonly after: "beginning" | "now" | "last";
      readonly forMs: number;
    }
  | { readonly kind: "prune"; readonly owner: number; readonly which: Which }
  /** A kill; or one that comes just before or just after the next write. */
  | { readonly kind: "crash"; readonly owner: number; readonly when: "now" | "before-write" | "after-write" }
  /** `graceMs`: what is in flight may end so long. */
  | { readonly kind: "close"; readonly owner: number; readonly graceMs?: number }
  | { readonly kind: "open"; readonly owner: number }
  /** Stopped for a while, as by SIGSTOP. */
  | { readonly kind: "freeze"; readonly owner: number; readonly forMs: number }
  /** Its lock is lost while it lives: others take it for dead, and fence it. */
  | { readonly kind: "lose-lock"; readonly owner: number }
  /** Writes are refused with JOURNAL_FULL (everywhere), with JOURNAL_BUSY (here), or take long (here). */
  | { readonly kind: "full"; readonly forMs: number }
  | { readonly kind: "busy" | "slow"; readonly owner: number; readonly forMs: number }
  /** The next write happens, and its caller is told that it failed. */
  | { readonly kind: "unacknowledged"; readonly owner: number }
  /** A newer version drove the run meanwhile, recorded what this one does not know, and was killed (E7). */
  | { readonly kind: "newer-version"; readonly run: number }
  /** The wall clock is set. */
  | { readonly kind: "jump"; readonly byMs: number }
);
