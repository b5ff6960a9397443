import type { RunEvent } from "../engine/events.ts";
import type { Answer } from "../engine/requests.ts";
import type { RunSummary } from "../engine/summary.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import type { Definition } from "../workflow/model/definition.ts";
import type { NewAuditEntry } from "./access.ts";
import type { FeedPage } from "./feed.ts";
import type { ClusterOwner, Owner } from "./owner.ts";
import type { NewRequest, RequestRecord } from "./requests.ts";
import type { Retention } from "./retention.ts";
import type { Idempotency, KeyedRun, RunFacts } from "./run-facts.ts";
import type { RunFilter } from "./run-filter.ts";
import type { Outcomes } from "./run-outcomes.ts";

/**
 * The durable, ordered store of events: the local runtime's own port.
 * One contract suite (testing/journal-suite.ts) runs on every adapter.
 *
 * J1  `append` resolves only when its events are durable; they are then read back exactly.
 * J2  An append is all or nothing, and is refused on its own whatever else is flushed with it:
 *     with JOURNAL_FENCED if its epoch is not the run's, or its first `seq` is not the next one.
 * J3  `create` is refused with RUN_EXISTS if the run is there, and before that with IDEMPOTENCY_KEY_USED if another
 *     run has its key, whoever created that; a key is free again when its run is pruned.
 * J4  `takeOver` raises the epoch by one in the same append; it is refused with RUN_OWNED while the
 *     owner of an unfinished run lives and is not this journal, and with JOURNAL_FENCED if the run has moved on.
 * J5  Whether an owner lives is asked of the operating system, never of a clock.
 * J6  Appends of one caller are applied in the order of the calls.
 * J7  Requests are idempotent by (run, key); answers stand in the same transaction as their events. Each is
 *     answered once: a second answer is refused with JOURNAL_FENCED, and with it its append.
 * J8  A run whose stored history is not exactly what was written is refused with JOURNAL_DAMAGED; others stay readable.
 * J9  `close` lets pending appends finish and ends this owner.
 * J10 What one call says of a run was true at one moment, whoever writes meanwhile, and an owner that it calls dead
 *     has written nothing since. Two calls are two moments: a caller that needs a run's row, events, workflows and
 *     requests to fit together reads them with `readStored`.
 * J11 Pages of the feed, one after the other, give each event of every run once: events of one run in their order,
 *     appends in the order in which they became durable. What is deleted before it was given, and a cursor of another
 *     history, is told (`reset`); an event that is damaged is told in its place.
 * J12 `prune` deletes a run that has ended, whole or not at all; never another. Its id is refused with RUN_EXISTS from
 *     then on, and no place in a list (`RunFilter.before`) means another run because of it.
 */
export interface Journal extends JournalRequester, Retention, Outcomes {
  /** Of this open journal; runs created or taken over through it belong to it. */
  readonly ownerId: string;
  create(run: NewRun): Promise<void>;
  append(append: Append): Promise<void>;
  takeOver(append: TakeOver): Promise<void>;
  /**
   * The requests that wait for this owner: unanswered, in order of arrival, of all runs that belong to it, also of
   * those that have ended. Cheap enough for every change of `version`; note that `version` does not change by a takeover of this owner.
   * A request that is damaged is left out; `readRequests` of its run says so.
   */
  readUnanswered(): Promise<readonly RequestRecord[]>;
}

/** What a process can do that asks something of runs without owning any. */
export interface JournalRequester extends JournalReader {
  /**
   * Stores a request; the stored one if the key is known.
   * Refused with RUN_NOT_FOUND for a run that is not there.
   */
  addRequest(request: NewRequest): Promise<RequestRecord>;
}

/** What a process can do that only reads; it works on a state directory that cannot be written, too. */
export interface JournalReader {
  /** What messages call it: the path of its state directory, for example. */
  readonly location: string;
  readRun(runId: string): Promise<RunRecord | undefined>;
  /**
   * All that is stored of a run, as of one moment (J10).
   * @param earlier its first events, as `readEvents` gave them: they need not be read once more
   */
  readStored(runId: string, earlier?: readonly RunEvent[]): Promise<StoredRun | undefined>;
  /** @throws BusbarError USAGE for a `before` that no list gave */
  listRuns(filter?: RunFilter): Promise<StoredRuns>;
  /** The run of that id alone, if there is one; else the first ids in alphabetical order that begin so. */
  findRunIds(beginning: string, limit: number): Promise<readonly string[]>;
  /** Events with `seq` > afterSeq, in order, `limit` of them at most; none of a run that is not there. */
  readEvents(runId: string, afterSeq?: number, limit?: number): Promise<readonly RunEvent[]>;
  /**
   * Some events of all runs in the order in which they became durable (J11).
   * @param after a cursor that this gave; left out: from the beginning
   * @throws BusbarError USAGE for what is no cursor
   */
  readFeed(after?: string): Promise<FeedPage>;
  readDefinition(hash: string): Promise<Definition | undefined>;
  /** The run that was created with this key. */
  findByKey(key: string): Promise<KeyedRun | undefined>;
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
export interface NewRun extends RunFacts {
  readonly runId: string;
  readonly definition: Definition;
  /** The first events, `seq` from 1, epoch 1; the first is `run.created`. */
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
  /** Durable with its first events. */
  readonly idempotency?: Idempotency;
  /** Stored in the same transaction, where the journal keeps an audit log. */
  readonly audit?: NewAuditEntry;
}

/** Events of a run to store, and the summary that follows from them. */
export interface Append {
  readonly runId: string;
  readonly epoch: number;
  /**
   * At least one (or none beside answers that refuse), `seq` contiguous and following the last stored, each with this
   * epoch.
   */
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
  /** Requests that these events answer. */
  readonly answers?: readonly Answer[];
}

/** `epoch` is the run's epoch plus one. `definition` only where it changes. */
export interface TakeOver extends Append {
  readonly definition?: Definition;
}

/** A run as its row says it, without its events. */
export interface RunRecord extends RunFacts {
  readonly runId: string;
  /** Position in the order of making. */
  readonly n: number;
  readonly definitionHash: string;
  /** Absolute path of the workflow file, if there was one. */
  readonly file?: string;
  readonly summary: RunSummary;
  readonly lastSeq: number;
  readonly epoch: number;
  readonly owner: Owner | ClusterOwner;
}

/** A list of runs as they are stored. */
export interface StoredRuns {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /**
   * JOURNAL_DAMAGED of each run that cannot be shown; of a list of all, also of runs that are missing. Empty if nothing
   * is known to be wrong.
   */
  readonly damaged: readonly ErrorInfo[];
  /** Where the list goes on (`RunFilter.before`), if there is more than the limit let through. */
  readonly next?: string;
}

/** All that is stored of a run. */
export interface StoredRun {
  readonly record: RunRecord;
  /** All, in order. */
  readonly events: readonly RunEvent[];
  /**
   * Every definition that a `run.created` or `run.resumed` names, by its hash; the one of the record has the record's
   * `file`.
   */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** All, in order of arrival. */
  readonly requests: readonly RequestRecord[];
}
