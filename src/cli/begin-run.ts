import type { PreflightOptions } from "../ports/executor.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { InitialNode } from "./progress/model.ts";

/** A run that was started or resumed, and its nodes as they were before the first event, in file order. */
export interface RunToShow {
  readonly runId: string;
  readonly nodes: readonly InitialNode[];
  /** The last event of before, which is not shown. */
  readonly afterSeq?: number;
}

/** Starts or resumes the run: what `run`, `resume` and `rerun` do differently. */
export type BeginRun = (runtime: Runtime, preflight: { readonly preflight?: PreflightOptions }) => Promise<RunToShow>;
