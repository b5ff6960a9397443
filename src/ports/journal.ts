import type { RunEvent } from "../engine/events.ts";
import type { RunStatus } from "../engine/status.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { BusbarError, ErrorInfo } from "../kernel/errors.ts";
import type { Definition } from "../spec/workflow.ts";

/**
 * The durable, ordered store of events: the local runtime's own port.
 * One contract suite (testing/journal-suite.ts) runs on every adapter.
 *
 * J1  `append` resolves only when its events are durable; they are then read back exactly.
 * J2  An append is all or nothing, and is refused on its own whatever else is flushed with it:
 *     with JOURNAL_FENCED if its epoch is not the run's, or its first `seq` is not the next one.
 * J3  `create` is refused with RUN_EXISTS if the run is there.
 * J4  `takeOver` raises the epoch by one in the same append; it is refused with RUN_OWNED while the
 *     owner of an unfinished run lives and is not this journal, and with JOURNAL_FENCED if the run has moved on.
 * J5  Whether an owner lives is asked of the operating system, never of a clock.
 * J6  Appends of one caller are applied in the order of the calls.
 * J7  Requests are idempotent by (run, key); answers stand in the same transaction as their events.
 * J8  A run whose stored history is not exactly what was written is refused with JOURNAL_DAMAGED; others stay readable.
 * J9  `close` lets pending appends finish and ends this owner.
 */
export interface Journal extends JournalReader {
  /** Of this open journal; runs created or taken over through it belong to it. */
  readonly ownerId: string;
  create(run: NewRun): Promise<void>;
  append(append: Append): Promise<void>;
  takeOver(append: TakeOver): Promise<void>;
  /** Stores a request; the stored one if the key is known. */
  addRequest(request: NewRequest): Promise<RequestRecord>;
}

/** What needs no owner, and works on a state directory that cannot be written. */
export interface JournalReader {
  readRun(runId: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  listRuns(filter?: RunFilter): Promise<readonly RunRecord[]>;
  /** Events with `seq` > afterSeq, in order; none of a run that is not there. */
  readEvents(runId: string, afterSeq?: number): Promise<readonly RunEvent[]>;
  readDefinition(hash: string): Promise<Definition | undefined>;
  /** Requests of a run in order of arrival. */
  readRequests(runId: string, filter?: { readonly unanswered?: boolean }): Promise<readonly RequestRecord[]>;
  /**
   * A number that differs after anything was written by somebody else, or a request by anybody.
   * Asking costs microseconds; it reads no table.
   */
  version(): number;
  close(): Promise<void>;
}

/** A run to create, with its first events. */
export interface NewRun {
  readonly runId: string;
  readonly definition: Definition;
  /** The first events, `seq` from 1, epoch 1; the first is `run.created`. */
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
}

/** Events of a run to store, and the summary that follows from them. */
export interface Append {
  readonly runId: string;
  readonly epoch: number;
  /** At least one (or none beside answers that refuse), `seq` contiguous and following the last stored, each with this epoch. */
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
  /** Requests that these events answer. */
  readonly answers?: readonly Answer[];
}

/** `epoch` is the run's epoch plus one. `definition` only where it changes. */
export interface TakeOver extends Append {
  readonly definition?: Definition;
}

/** A run as its row tells it, without its events. */
export interface RunRecord {
  readonly runId: string;
  readonly definitionHash: string;
  /** Absolute path of the workflow file, if there was one. */
  readonly file?: string;
  readonly summary: RunSummary;
  readonly lastSeq: number;
  readonly epoch: number;
  readonly owner: Owner;
}

/** A process that has, or had, the journal open, and owns the runs that it created or took over. */
export interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** RFC 3339; when the process opened the journal. */
  readonly startedAt: string;
  /** Whether the process still holds the journal open. */
  readonly alive: boolean;
}

/** Which runs a list shows; all that is given must hold. */
export interface RunFilter {
  readonly status?: RunStatus;
  readonly workflow?: string;
  /** Unfinished, and the owner does not live. */
  readonly interrupted?: boolean;
  readonly limit?: number;
  /** Hears of runs whose row is damaged, which are then left out; without it one of them refuses the list. */
  readonly onDamaged?: (error: BusbarError) => void;
}

/** What somebody other than the owner asks of a run. */
export interface NewRequest {
  readonly runId: string;
  readonly kind: RequestKind;
  /** Two requests of a run with one key are one request. */
  readonly key: string;
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
}

/** What can be asked of a run. */
export type RequestKind = "cancel";

/** A request as stored. */
export interface RequestRecord extends NewRequest {
  /** Ascending in order of arrival. */
  readonly id: number;
  readonly answer?: RequestAnswer;
}

/** What the owner did about a request: the event that followed, or why none did. */
export type RequestAnswer =
  | { readonly kind: "applied"; readonly seq: number }
  | { readonly kind: "refused"; readonly error: ErrorInfo };

/** The answer to a request, stored with the events that follow from it. */
export interface Answer {
  readonly requestId: number;
  readonly answer: RequestAnswer;
}
