import type { Answer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { hashesOf } from "../../ports/definition-hashes.ts";
import type { JournalRequester, RunRecord, StoredRun } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import type { KeyedRun } from "../../ports/run-facts.ts";
import type { Admin } from "./admin.ts";
import { damagedAt } from "./damage.ts";
import type { Ingress } from "./ingress.ts";
import { createClusterLists } from "./lists.ts";
import { KEY_OBJECT, keyOf, REQUESTS_OBJECT, RUN_OBJECT } from "./names.ts";
import { toRecord } from "./record.ts";
import type { ClaimedKey, EventsInput, EventsPage, StoredHead, StoredRest } from "./wire.ts";

/** Events of a run that are read at once where nobody says how many. */
const PAGE_EVENTS = 2_000;
/** How long nobody looks again whether anything was written. */
const VERSION_MS = 250;

/** The runs of a cluster, by way of its objects: they are read and asked as those of a journal are. */
export function createClusterRequester(ingress: Ingress, admin: Admin, clock: Clock): JournalRequester {
  const call = <T>(runId: string, handler: string, input?: unknown): Promise<T> =>
    ingress.call<T>({ service: RUN_OBJECT, key: runId, handler }, input);
  const readHead = (runId: string): Promise<StoredHead | null> => call(runId, "head");
  const readPage = (runId: string, afterSeq: number, limit: number): Promise<EventsPage | null> =>
    call(runId, "events", { afterSeq, limit } satisfies EventsInput);

  const isUnderWay = async ({ invocation, summary }: StoredHead): Promise<boolean> =>
    !isTerminalRun(summary.status) && (await ingress.outputOf(invocation)).kind === "under_way";

  /** Whether the owner of an unfinished run lives; undefined where the run has moved on since the head was read (J10). */
  async function findLife(runId: string, head: StoredHead): Promise<boolean | undefined> {
    if (isTerminalRun(head.summary.status) || (await isUnderWay(head))) return !isTerminalRun(head.summary.status);
    const now = await readHead(runId);
    return now?.lastSeq === head.lastSeq && now.token === head.token ? false : undefined;
  }

  async function readRecord(runId: string): Promise<RunRecord | undefined> {
    for (;;) {
      const head = await readHead(runId);
      if (head === null) return undefined;
      const isAlive = await findLife(runId, head);
      if (isAlive !== undefined) return toRecord(ingress.url, runId, head, isAlive);
    }
  }

  /**
   * Events after one of them, each with the next number: what is missing is never passed over (J8).
   * @returns null where the run is not there
   * @throws BusbarError JOURNAL_DAMAGED
   */
  async function readWhole(runId: string, afterSeq: number, limit: number): Promise<EventsPage | null> {
    const page = await readPage(runId, afterSeq, limit);
    if (page === null) return null;
    const { events, head } = page;
    const gap = events.findIndex(({ seq }, index) => seq !== afterSeq + 1 + index);
    const missing = afterSeq + 1 + (gap === -1 ? events.length : gap);
    if (gap === -1 && (events.length >= limit || missing > head.lastSeq)) return page;
    // Deleted while it was read, it has lost its pages and soon says so.
    if ((await readHead(runId)) === null) return null;
    throw damagedAt(runId, missing);
  }

  const readAsked = (runId: string): Promise<readonly RequestRecord[]> =>
    ingress.call({ service: REQUESTS_OBJECT, key: runId, handler: "list" });

  /** @param lastSeq what follows later events is no answer yet */
  function answered(
    asked: readonly RequestRecord[],
    answers: readonly Answer[],
    lastSeq: number = Number.MAX_SAFE_INTEGER,
  ): readonly RequestRecord[] {
    const known = new Map(answers.map(({ requestId, answer }) => [requestId, answer]));
    return asked.map((request) => {
      const answer = known.get(request.id);
      const isLater = answer?.kind === "applied" && answer.seq > lastSeq;
      return answer === undefined || isLater ? request : { ...request, answer };
    });
  }

  return {
    location: `the cluster at ${ingress.url}`,
    ...createClusterLists(admin, ingress.url),
    async readFeed() {
      throw new BusbarError("INTERNAL", "runs of a cluster have no common order; their feed is made of the runs");
    },
    readRun: readRecord,
    async readStored(runId, earlier = []): Promise<StoredRun | undefined> {
      const events = [...earlier];
      for (;;) {
        const page = await readWhole(runId, events.length, PAGE_EVENTS);
        if (page === null) return undefined;
        events.push(...page.events);
        const { head } = page;
        // What is said of the run is as of the moment of its last page, however quickly it goes on.
        if (events.length < head.lastSeq) continue;
        const rest = await call<StoredRest | null>(runId, "rest", [...new Set(hashesOf(events))]);
        if (rest === null) return undefined;
        const requests = answered(await readAsked(runId), rest.answers, head.lastSeq);
        const isAlive = await findLife(runId, head);
        if (isAlive === undefined) continue;
        const definitions = new Map(rest.definitions.map((definition) => [definition.hash, definition]));
        return { record: toRecord(ingress.url, runId, head, isAlive), events, definitions, requests };
      }
    },
    async readEvents(runId, afterSeq = 0, limit = Number.MAX_SAFE_INTEGER) {
      const events = [];
      for (;;) {
        const size = Math.min(limit - events.length, PAGE_EVENTS);
        const page = await readWhole(runId, afterSeq + events.length, size);
        events.push(...(page?.events ?? []));
        if (page === null || events.length >= limit || page.events.length < size) return events;
      }
    },
    async readRequests(runId, filter = {}) {
      // Before the answers: who asks now finds its own.
      const asked = await readAsked(runId);
      const rest = await call<StoredRest | null>(runId, "rest", []);
      return answered(asked, rest?.answers ?? []).filter(
        ({ answer }) => filter.unanswered !== true || answer === undefined,
      );
    },
    async addRequest(request: NewRequest) {
      const target = { service: REQUESTS_OBJECT, key: request.runId, handler: "add" };
      const added = await ingress.call<RequestRecord | null>(target, request);
      return added ?? refuseUnknown(request.runId, `the cluster at ${ingress.url}`);
    },
    async readDefinition() {
      throw new BusbarError("INTERNAL", "a definition is read with its run");
    },
    async findByKey(key): Promise<KeyedRun | undefined> {
      const target = { service: KEY_OBJECT, key: keyOf(key), handler: "find" };
      const has = await ingress.call<ClaimedKey | null>(target);
      // Of a start that is under way, or was refused, there is no run.
      if (has?.invocation === undefined || (await readHead(has.run_id)) === null) return undefined;
      return { run_id: has.run_id, hash: has.hash };
    },
    // Restate does not say whether anything was written: after a while a look finds out.
    version: () => Math.floor(clock.monotonic() / VERSION_MS),
    async close() {},
  };
}
