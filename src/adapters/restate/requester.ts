import { createHash } from "node:crypto";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { JournalRequester, RunRecord, StoredRun } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import type { KeyedRun } from "../../ports/run-facts.ts";
import type { Admin } from "./admin.ts";
import type { Ingress } from "./ingress.ts";
import { createClusterLists } from "./lists.ts";
import { KEY_OBJECT, REQUESTS_OBJECT, RUN_OBJECT } from "./names.ts";
import { toRecord } from "./record.ts";
import type { EventsInput, EventsPage, StoredHead, StoredRest } from "./wire.ts";

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

  /** Asked after the head was read: an owner that is dead has written nothing since (J10) if it still reads the same. */
  async function recordOf(runId: string, head: StoredHead): Promise<RunRecord> {
    if (isTerminalRun(head.summary.status)) return toRecord(ingress.url, runId, head, false);
    return toRecord(ingress.url, runId, head, await ingress.isUnderWay(head.invocation));
  }

  async function readRecord(runId: string): Promise<RunRecord | undefined> {
    const head = await readHead(runId);
    if (head === null) return undefined;
    const record = await recordOf(runId, head);
    if (isTerminalRun(head.summary.status) || record.owner.alive) return record;
    // It may have ended in between.
    const again = await readHead(runId);
    return again === null ? undefined : toRecord(ingress.url, runId, again, again.token !== head.token);
  }

  return {
    location: `the cluster at ${ingress.url}`,
    ...createClusterLists(admin, ingress.url),
    async readFeed() {
      return { items: [], cursor: "", isEnd: true };
    },
    readRun: readRecord,
    async readStored(runId, earlier = []): Promise<StoredRun | undefined> {
      const events = [...earlier];
      for (;;) {
        const page = await readPage(runId, events.length, PAGE_EVENTS);
        if (page === null) return undefined;
        events.push(...page.events);
        if (events.length < page.head.lastSeq) continue;
        const hashes = events.flatMap((event) =>
          event.type === "run.created" || event.type === "run.resumed" ? [event.definition_hash] : [],
        );
        const rest = await call<StoredRest | null>(runId, "rest", [...new Set(hashes)]);
        if (rest === null) return undefined;
        // More was recorded meanwhile.
        if (rest.head.lastSeq !== events.length) continue;
        const asked = await ingress.call<readonly RequestRecord[]>({
          service: REQUESTS_OBJECT,
          key: runId,
          handler: "list",
        });
        const answers = new Map(rest.answers.map(({ requestId, answer }) => [requestId, answer]));
        const requests = asked.map((request) => {
          const answer = answers.get(request.id);
          return answer === undefined ? request : { ...request, answer };
        });
        const record = await recordOf(runId, rest.head);
        if (!record.owner.alive && !isTerminalRun(rest.head.summary.status)) {
          const now = await readHead(runId);
          if (now?.lastSeq !== rest.head.lastSeq || now.token !== rest.head.token) continue;
        }
        const definitions = new Map(rest.definitions.map((definition) => [definition.hash, definition]));
        return { record, events, definitions, requests };
      }
    },
    async readEvents(runId, afterSeq = 0, limit = Number.MAX_SAFE_INTEGER) {
      const events = [];
      for (;;) {
        const size = Math.min(limit - events.length, PAGE_EVENTS);
        const page = await readPage(runId, afterSeq + events.length, size);
        events.push(...(page?.events ?? []));
        if (page === null || events.length >= limit || page.events.length < size) return events;
      }
    },
    async readRequests(runId, filter = {}) {
      const asked = await ingress.call<readonly RequestRecord[]>({
        service: REQUESTS_OBJECT,
        key: runId,
        handler: "list",
      });
      const rest = await call<StoredRest | null>(runId, "rest", []);
      const answers = new Map(rest?.answers.map(({ requestId, answer }) => [requestId, answer]));
      return asked
        .map((request) => {
          const answer = answers.get(request.id);
          return answer === undefined ? request : { ...request, answer };
        })
        .filter(({ answer }) => filter.unanswered !== true || answer === undefined);
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
      return (await ingress.call<KeyedRun | null>(keyTarget(key, "find"))) ?? undefined;
    },
    // Restate does not say whether anything was written: after a while a look finds out.
    version: () => Math.floor(clock.monotonic() / VERSION_MS),
    async close() {},
  };
}

/** The object of an idempotency key, which may be any text. */
export function keyTarget(key: string, handler: string) {
  return { service: KEY_OBJECT, key: createHash("sha256").update(key).digest("hex"), handler };
}
