import type { Asked } from "../../engine/inputs.ts";
import type { Inside } from "../../engine/inside.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { TerminalEvent } from "../../ports/runtime.ts";

/** What whoever looks at runs, or asks something of one, has to know of those that are driven in this process. */
export interface LocalRuns {
  /** Whether the run belongs to this process. */
  owns(run: RunRecord): boolean;
  driverOf(runId: string): LocalDriver | undefined;
  /** Why the run is driven no more, if it was left here before its end and nobody has taken it up again. */
  leftOver(runId: string): unknown;
}

/** What drives a run in this process, as others see it. */
export interface LocalDriver {
  /** Rejects if the run is left before its end. */
  readonly ended: Promise<TerminalEvent>;
  /** The end is durable; what is left to do takes no more than moments. */
  hasEnded(): boolean;
  /** Since when nothing of the run can be recorded, and why. */
  stall(): Stall | undefined;
  /** What the machine knows beside a history that ends so, if it has decided no more than that. */
  inside(lastSeq: number): Inside | undefined;
  put(input: Asked): void;
}

/** The journal takes nothing for now; the append that it refused is tried again. */
export interface Stall {
  /** Wall clock, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly error: ErrorInfo;
}

/** Of a process that drives none. */
export const NO_LOCAL_RUNS: LocalRuns = { owns: () => false, driverOf: () => undefined, leftOver: () => undefined };
