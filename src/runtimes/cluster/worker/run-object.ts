import {
  createObjectHandler,
  createObjectSharedHandler,
  InvocationIdParser,
  type ObjectContext,
  type ObjectSharedContext,
  object,
} from "@restatedev/restate-sdk";
import {
  ANSWERS,
  admittedSignal,
  DISPLACED_SIGNAL,
  definitionKey,
  HEAD,
  pageKey,
  RUN_OBJECT,
} from "../../../adapters/restate/names.ts";
import type {
  AdmitInput,
  DisplaceInput,
  DriveEnd,
  DriveInput,
  EventsInput,
  EventsPage,
  StoredHead,
  StoredRest,
} from "../../../adapters/restate/wire.ts";
import type { RunEvent } from "../../../engine/events.ts";
import type { Answer } from "../../../engine/requests.ts";
import type { Definition } from "../../../workflow/model/definition.ts";
import { deleteRun } from "./delete-run.ts";
import { drive } from "./drive.ts";
import { readState } from "./read-state.ts";
import { RETRY } from "./retry.ts";
import { DRIVE_INACTIVITY_MS, type WorkerTools } from "./tools.ts";

/** Restate keeps nothing of a reading. */
const READ = { idempotencyRetention: 0 };

/** One run: what is recorded of it, and the drive that records it. */
export function createRunObject(tools: WorkerTools) {
  const { driveInactivityMs: inactivityTimeout = DRIVE_INACTIVITY_MS } = tools;
  return object({
    name: RUN_OBJECT,
    handlers: {
      drive: createObjectHandler(
        { inactivityTimeout },
        (ctx: ObjectContext, input: DriveInput): Promise<DriveEnd> => drive(tools, ctx, input),
      ),
      head: createObjectSharedHandler(READ, (ctx: ObjectSharedContext): Promise<StoredHead | null> => ctx.get(HEAD)),
      events: createObjectSharedHandler(READ, readEvents),
      rest: createObjectSharedHandler(READ, readRest),
      admit: createObjectSharedHandler(READ, admit),
      displace: createObjectSharedHandler(READ, displace),
      delete: createObjectHandler(READ, deleteRun),
    },
    options: {
      enableLazyState: true,
      explicitCancellation: true,
      journalRetention: 0,
      retryPolicy: RETRY,
    },
  });
}

/** Pages that are asked for together: some hundred kilobytes. */
const PAGES_AT_ONCE = 32;

/** Said by the server that has a place for the run; one that does not wait for that hears nothing. */
async function admit(ctx: ObjectSharedContext, admitted: AdmitInput): Promise<void> {
  const head = await ctx.get<StoredHead>(HEAD);
  const { epoch, asks } = admitted;
  if (head?.epoch !== epoch || head.queue?.asks !== asks || !head.queue.waits) return;
  ctx.invocation(InvocationIdParser.fromString(head.invocation)).signal(admittedSignal(asks)).resolve(admitted);
}

async function displace(ctx: ObjectSharedContext, displaced: DisplaceInput): Promise<void> {
  const head = await ctx.get<StoredHead>(HEAD);
  if (head === null) return;
  ctx.invocation(InvocationIdParser.fromString(head.invocation)).signal(DISPLACED_SIGNAL).resolve(displaced);
}

/** Events after one of them, in order: as far as the head says, so that they are as of one moment. */
async function readEvents(ctx: ObjectSharedContext, { afterSeq, limit }: EventsInput): Promise<EventsPage | null> {
  const head = await ctx.get<StoredHead>(HEAD);
  if (head === null) return null;
  const events: RunEvent[] = [];
  if (head.lastSeq <= afterSeq) return { head, events };
  for (let page = await pageAfter(ctx, head, afterSeq); page < head.pages && events.length < limit; ) {
    const until = Math.min(page + PAGES_AT_ONCE, head.pages);
    const keys = Array.from({ length: until - page }, (_, index) => pageKey(page + index));
    for (const recorded of await readState<readonly RunEvent[]>(ctx, keys)) {
      events.push(...(recorded ?? []).filter(({ seq }) => seq > afterSeq));
    }
    page = until;
  }
  events.push(...head.tail.filter(({ seq }) => seq > afterSeq));
  return { head, events: events.slice(0, limit) };
}

/** The page that has the event after `afterSeq`; one more than there are where the tail has it. */
async function pageAfter(ctx: ObjectSharedContext, head: StoredHead, afterSeq: number): Promise<number> {
  if ((head.tail[0]?.seq ?? head.lastSeq + 1) <= afterSeq + 1) return head.pages;
  let low = 0;
  // Each page has an event at least.
  let high = Math.min(afterSeq, head.pages - 1);
  while (low < high) {
    const middle = (low + high) >> 1;
    const recorded = await ctx.get<readonly RunEvent[]>(pageKey(middle));
    if ((recorded?.at(-1)?.seq ?? 0) > afterSeq) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function readRest(ctx: ObjectSharedContext, hashes: readonly string[]): Promise<StoredRest | null> {
  // Before the head: what is answered is answered by events that it knows.
  const answers = await ctx.get<readonly Answer[]>(ANSWERS);
  const head = await ctx.get<StoredHead>(HEAD);
  if (head === null) return null;
  const definitions = await readState<Definition>(ctx, hashes.map(definitionKey));
  return { head, definitions: definitions.filter((one) => one !== null), answers: answers ?? [] };
}
