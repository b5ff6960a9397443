import type { RunEvent } from "../engine/events.ts";
import { isTerminalRun, type RunStatus } from "../engine/status.ts";
import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";
import type { Definition } from "../workflow/model/definition.ts";
import type { Append, NewRun, RunRecord, StoredRun, TakeOver } from "./journal.ts";
import type { Owner } from "./owner.ts";
import type { RequestRecord } from "./requests.ts";
import type { KeyedRun } from "./run-facts.ts";
import type { RunFilter } from "./run-filter.ts";

/**
 * What every journal checks before it writes, so that all of them refuse the same things (J2, J3, J4), and how they
 * join what they have stored of a run. Pure; the adapters call it inside their transaction.
 */

/** Bytes of UTF-8 an event's JSON may have (semantics.md, "Events"). */
export const MAX_EVENT_BYTES: number = 64 * 1024;

/** What people call the newest run; so no run is called that. */
export const LAST = "last";

/** Events without a limit: they grow with the workflow, and a run could not be resumed or ended without them. */
const UNBOUNDED: ReadonlySet<RunEvent["type"]> = new Set(["run.resumed", "run.checked", "run.failed"]);

/** Where a stored run stands. */
export interface RunHead {
  readonly runId: string;
  readonly lastSeq: number;
  readonly epoch: number;
  readonly ownerId: string;
}

/**
 * The events as JSON texts, one each.
 * @throws BusbarError EVENT_TOO_LARGE; INTERNAL where they do not belong together
 */
export function encodeEvents(append: Pick<Append, "runId" | "epoch" | "events">): readonly string[] {
  const first = append.events[0]?.seq ?? 1;
  return append.events.map((event, index) => {
    if (event.run_id !== append.runId || event.epoch !== append.epoch || event.seq !== first + index) {
      throw new BusbarError(
        "INTERNAL",
        `Event ${event.seq} of run ${event.run_id}, epoch ${event.epoch}, does not belong into an append of run ${append.runId}, epoch ${append.epoch}, at ${first + index}`,
      );
    }
    const text = JSON.stringify(event);
    // A UTF-16 unit takes at most three bytes, so most texts need no counting.
    if (text.length * 3 > MAX_EVENT_BYTES && !UNBOUNDED.has(event.type)) refuseLarge(event, Buffer.byteLength(text));
    return text;
  });
}

function refuseLarge(event: RunEvent, bytes: number): void {
  if (bytes <= MAX_EVENT_BYTES) return;
  const node = "node_id" in event ? ` of node ${event.node_id}` : "";
  throw new BusbarError(
    "EVENT_TOO_LARGE",
    `The event ${event.type}${node} has ${bytes} bytes; at most ${MAX_EVENT_BYTES} can be recorded`,
    { details: { run_id: event.run_id, seq: event.seq, bytes } },
  );
}

/** @throws BusbarError INTERNAL */
export function checkNewRun(run: NewRun): void {
  const first = run.events[0];
  if (first?.type !== "run.created" || first.seq !== 1 || first.epoch !== 1) {
    throw new BusbarError("INTERNAL", `Run ${run.runId} must begin with run.created, seq 1, epoch 1`);
  }
}

/** @throws BusbarError RUN_EXISTS */
export function refuseExisting(runId: string): never {
  throw new BusbarError("RUN_EXISTS", `run ${runId} exists already`, { details: { run_id: runId } });
}

/**
 * May a run with this key be created? (J3)
 * @param found the run that has it
 * @throws BusbarError IDEMPOTENCY_KEY_USED
 */
export function refuseUsedKey({ run_id, hash }: KeyedRun): never {
  const message = `run ${run_id} was started with this idempotency key already`;
  throw new BusbarError("IDEMPOTENCY_KEY_USED", message, { details: { run_id, hash } });
}

/**
 * A run that was there once: services deduplicate by its id.
 * @param prunedAt RFC 3339
 * @throws BusbarError RUN_EXISTS
 */
export function refusePruned(runId: string, prunedAt: string): never {
  throw new BusbarError("RUN_EXISTS", `run ${runId} existed and was pruned at ${prunedAt}; its id is not used again`, {
    details: { run_id: runId, pruned_at: prunedAt },
  });
}

/**
 * @param location of the journal (`JournalReader.location`)
 * @throws BusbarError RUN_NOT_FOUND
 */
export function refuseUnknown(runId: string, location: string): never {
  throw new BusbarError("RUN_NOT_FOUND", `there is no run ${quoteWord(escapeUnseen(runId))} in ${location}`, {
    details: { run_id: runId },
  });
}

/**
 * May this owner append here? (J2, E6)
 * @throws BusbarError JOURNAL_FENCED; INTERNAL for an append of nothing
 */
export function checkAppend(head: RunHead, append: Append, ownerId: string): void {
  if (append.events.length === 0 && (append.answers ?? []).length === 0) {
    throw new BusbarError("INTERNAL", `An append to run ${append.runId} has neither events nor answers`);
  }
  if (head.epoch !== append.epoch) refuseFenced(head, `it is at epoch ${head.epoch}, this is epoch ${append.epoch}`);
  if (head.ownerId !== ownerId) refuseFenced(head, "it belongs to another owner");
  checkSeq(head, append);
}

/**
 * May this owner take the run over? (J4, E6)
 * @param owner the one the run has now; whether it lives is asked only where it matters
 * @throws BusbarError RUN_OWNED, JOURNAL_FENCED; INTERNAL for an append of nothing
 */
export function checkTakeOver(
  head: RunHead,
  status: RunStatus,
  append: TakeOver,
  ownerId: string,
  owner: () => Owner,
): void {
  if (append.events.length === 0) throw new BusbarError("INTERNAL", `A takeover of run ${append.runId} has no event`);
  if (!isTerminalRun(status) && head.ownerId !== ownerId) {
    const other = owner();
    if (other.alive) {
      throw new BusbarError(
        "RUN_OWNED",
        `Run ${head.runId} is owned by process ${other.pid} on ${other.host}, which started at ${other.startedAt} and is alive`,
        { details: { run_id: head.runId, pid: other.pid, host: other.host, started_at: other.startedAt } },
      );
    }
  }
  if (append.epoch !== head.epoch + 1) {
    refuseFenced(head, `it is at epoch ${head.epoch}, a takeover to ${append.epoch} comes too late or too early`);
  }
  checkSeq(head, append);
}

function checkSeq(head: RunHead, append: Append): void {
  const first = append.events[0]?.seq;
  if (first !== undefined && first !== head.lastSeq + 1) {
    refuseFenced(head, `its last event is ${head.lastSeq}, this append begins at ${first}`);
  }
}

function refuseFenced(head: RunHead, why: string): never {
  throw new BusbarError("JOURNAL_FENCED", `Run ${head.runId} has moved on: ${why}`, {
    details: { run_id: head.runId, epoch: head.epoch, last_seq: head.lastSeq },
  });
}

/**
 * May the request be answered? (J7)
 * @param request what is stored under the id
 * @throws BusbarError JOURNAL_FENCED if somebody else was quicker; INTERNAL if the run has no such request
 */
export function checkAnswer(runId: string, requestId: number, request: RequestRecord | undefined): RequestRecord {
  if (request === undefined || request.runId !== runId) {
    throw new BusbarError("INTERNAL", `Run ${runId} has no request ${requestId}`);
  }
  if (request.answer === undefined) return request;
  throw new BusbarError("JOURNAL_FENCED", `Request ${requestId} of run ${runId} has been answered already`, {
    details: { run_id: runId },
  });
}

/** An owner may still be telling of an end that it wrote so short a time ago. */
const FRESH_MS = 10_000;

/**
 * May the run be deleted (J12)?
 * @param isOwnerAlive asked only where it matters
 */
export function mayPrune(
  run: { readonly status: RunStatus; readonly ended: number | null },
  at: string,
  isOwnerAlive: () => boolean,
): boolean {
  if (!isTerminalRun(run.status)) return false;
  const isFresh = run.ended !== null && Math.abs(Date.parse(at) - run.ended) < FRESH_MS;
  return !(isFresh && isOwnerAlive());
}

/** Whether a list shows the run; the caller sees to `before` and `limit`. */
export function matchesFilter(record: RunRecord, filter: RunFilter): boolean {
  const { summary } = record;
  if (filter.status !== undefined && summary.status !== filter.status) return false;
  if (filter.since !== undefined && !(Date.parse(summary.created_at) >= Date.parse(filter.since))) return false;
  if (filter.createdBefore !== undefined && !(Date.parse(summary.created_at) < Date.parse(filter.createdBefore)))
    return false;
  if (filter.origin !== undefined && record.origin !== filter.origin) return false;
  if (filter.ended !== undefined && filter.ended !== isTerminalRun(summary.status)) return false;
  // Of a run that has not ended it is no time, which is neither before nor after any.
  const endedMs = (): number => Date.parse(summary.ended_at ?? "");
  if (filter.endedSince !== undefined && !(endedMs() >= Date.parse(filter.endedSince))) return false;
  if (filter.endedBefore !== undefined && !(endedMs() < Date.parse(filter.endedBefore))) return false;
  if (filter.workflow !== undefined && summary.workflow !== filter.workflow) return false;
  if (filter.text !== undefined && !hasText(record, foldCase(filter.text))) return false;
  if (filter.interrupted === undefined) return true;
  return filter.interrupted === (!isTerminalRun(summary.status) && !record.owner.alive);
}

function hasText({ runId, summary: { workflow, error } }: RunRecord, text: string): boolean {
  const texts = [workflow, runId, ...(error === undefined ? [] : [`${error.code}: ${error.message}`])];
  return texts.some((one) => foldCase(one).includes(text));
}

/** As SQLite's `lower` does it, so that every journal finds the same. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Joins what is stored of a run with the definitions that its events name (J10).
 * @param find what is stored under a hash
 * @throws BusbarError JOURNAL_DAMAGED if a definition is missing
 */
export function joinDefinitions(
  stored: Omit<StoredRun, "definitions">,
  find: (hash: string) => Definition | undefined,
): StoredRun {
  const { record, events } = stored;
  const definitions = new Map<string, Definition>();
  for (const event of events) {
    if (event.type !== "run.created" && event.type !== "run.resumed") continue;
    const hash = event.definition_hash;
    if (definitions.has(hash)) continue;
    const definition = find(hash) ?? refuseWithoutDefinition(record.runId, event);
    definitions.set(hash, hash === record.definitionHash ? inFile(definition, record.file) : definition);
  }
  return { ...stored, definitions };
}

/** Runs share a text, but not the file that it was read from. */
function inFile({ hash, text, format }: Definition, file: string | undefined): Definition {
  return { hash, text, format, ...(file === undefined ? {} : { file }) };
}

function refuseWithoutDefinition(runId: string, { seq }: RunEvent): never {
  throw new BusbarError(
    "JOURNAL_DAMAGED",
    `Run ${runId} is damaged at event ${seq}: the workflow that it names is missing`,
    {
      details: { run_id: runId, seq },
    },
  );
}
