import type { RunResumed } from "../../engine/events.ts";
import type { Created, Resumed } from "../../engine/inputs.ts";
import type { RunState } from "../../engine/state.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { NewRun, RunRecord } from "../../ports/journal.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/** Where starting, repeating and resuming end: whoever has a run driven, here or elsewhere. All that can be refused before has been. */
export interface Begin {
  /**
   * Resolves when `run.created` is durable (R1).
   * @throws BusbarError RUN_EXISTS, IDEMPOTENCY_KEY_USED (J3), RUN_QUEUE_FULL, JOURNAL_…
   */
  create(run: RunToCreate): Promise<void>;
  /**
   * Resolves, with the event, when `run.resumed` is durable.
   * @throws BusbarError RUN_OWNED, JOURNAL_FENCED (J4): somebody was quicker; JOURNAL_…
   */
  resume(run: RunToResume): Promise<RunResumed | undefined>;
}

/** A run to create. All but `workflow` is plain JSON, and that follows from it: `bindFor` of the definition, `how` and the id. */
export interface RunToCreate {
  /** As it is stored, but for its first events. */
  readonly row: Omit<NewRun, "events" | "summary">;
  readonly how: Created;
  /** Bound. */
  readonly workflow: Workflow;
  /** Left out: no preflight. */
  readonly preflight?: PreflightOptions;
}

/** A run to resume. */
export interface RunToResume {
  /** As it was read; it may have moved on. */
  readonly record: RunRecord;
  /** As its history has it. */
  readonly state: RunState;
  /** With the changed workflow, bound, if there is one. */
  readonly how: Resumed;
  /** The changed one. */
  readonly definition?: Definition;
  /** Left out: no preflight. */
  readonly preflight?: PreflightOptions;
}
