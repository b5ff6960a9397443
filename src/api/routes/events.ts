import { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import type { Backend } from "../backend.ts";
import { type ApiContext, answer, json, operation, type Router } from "../router.ts";
import { waitForEnd } from "../run-end.ts";
import { EventPageSchema, EventSchema, FeedItemSchema } from "../schemas/event.ts";
import { wholeNumber } from "../schemas/query.ts";
import { RunPath } from "../schemas/run.ts";
import { createFeedStreams } from "../streams/feed-stream.ts";
import { createRunStreams } from "../streams/run-stream.ts";
import type { Streams } from "../streams/streams.ts";

const PAGE = 1_000;
/** How long a request waits for the end of a run before it says that there is none yet. */
const WAIT_MS = 25_000;

const Limit = wholeNumber(1, PAGE).optional();
const LastEventId = z.object({
  "last-event-id": z.string().optional().openapi({ description: "Goes on behind the event of that id" }),
});

const STREAM = {
  "text/event-stream": { schema: z.string().openapi({ description: "An event a message; `id` is where to go on" }) },
};

const events = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/events",
  tags: ["events"],
  summary: "What was recorded of a run: a page of it, or a stream that follows it",
  operationId: "listEvents",
  problems: ["RUN_NOT_FOUND", "USAGE"],
  request: {
    params: RunPath,
    query: z.object({
      after: wholeNumber(0).optional(),
      limit: Limit,
    }),
    headers: LastEventId,
  },
  responses: {
    200: {
      description: "A page; a stream where Accept says text/event-stream",
      content: { "application/json": { schema: EventPageSchema }, ...STREAM },
    },
  },
});

const feed = operation("viewer", {
  method: "get",
  path: "/feed",
  tags: ["events"],
  summary: "The events of all runs, and what follows, as a stream",
  operationId: "readFeed",
  problems: ["USAGE"],
  request: {
    query: z.object({
      after: z.string().optional().openapi({ description: "A cursor that the feed has given, or `now`" }),
      follow: z.enum(["true", "false"]).optional(),
    }),
    headers: LastEventId,
  },
  responses: {
    200: {
      description: "A stream; a list of the next items where Accept says application/json",
      content: {
        ...STREAM,
        "application/json": { schema: z.object({ items: z.array(FeedItemSchema), next: z.string().optional() }) },
      },
    },
  },
});

const wait = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/wait",
  tags: ["events"],
  summary: "Waits for the end of a run, up to 25 s",
  operationId: "waitForRun",
  problems: ["RUN_NOT_FOUND"],
  request: { params: RunPath },
  responses: {
    200: json(z.object({ end: EventSchema.nullable() }), "The event that ended the run, or null: ask again"),
  },
});

/** What happened, and what happens. */
export function addEventRoutes(router: Router, { runs, isTakenUp }: Backend, streams: Streams): void {
  const runStreams = createRunStreams(runs, isTakenUp);
  const feedStreams = createFeedStreams(runs);

  router.openapi(events, async (c) => {
    const { run_id } = c.req.valid("param");
    const { after, limit = PAGE } = c.req.valid("query");
    const lastId = c.req.valid("header")["last-event-id"];
    const from = lastId === undefined || lastId === "" ? (after ?? 0) : seqOf(run_id, lastId);
    if (wantsStream(c)) {
      await runs.events(run_id, from, 1);
      return streams.open(c, (signal) => runStreams.read(run_id, from, signal)) as never;
    }
    const page = await runs.events(run_id, from, limit);
    const last = page.at(-1)?.seq;
    return answer(c, { events: page, ...(page.length < limit || last === undefined ? {} : { next: last }) });
  });

  router.openapi(feed, async (c) => {
    const { after: given, follow } = c.req.valid("query");
    const lastId = c.req.valid("header")["last-event-id"];
    const after = lastId === undefined || lastId === "" ? given : lastId;
    if (follow === "false" || !wantsStream(c)) return answer(c, await feedPage(after));
    // A cursor that is none is told as such.
    await feedPage(after, 1);
    return streams.open(c, (signal) => feedStreams.read(after, signal)) as never;
  });

  router.openapi(wait, async (c) => {
    const { run_id } = c.req.valid("param");
    const enough = AbortSignal.any([AbortSignal.timeout(WAIT_MS), streams.closing]);
    const { until: revoked = c.req.raw.signal } = c.get("caller");
    const signal = AbortSignal.any([enough, revoked, c.req.raw.signal]);
    try {
      return answer(c, { end: await waitForEnd({ runs, isTakenUp }, run_id, signal) });
    } catch (thrown) {
      if (enough.aborted && thrown === enough.reason) return answer(c, { end: null });
      if (revoked.aborted && thrown === revoked.reason) {
        throw new BusbarError("TOKEN_INVALID", "who waits may not look any more");
      }
      throw thrown;
    }
  });

  async function feedPage(after: string | undefined, limit = PAGE) {
    const items = [];
    for await (const item of runs.feed(after === undefined ? {} : { after })) {
      items.push(item);
      if (items.length === limit) return { items, next: item.cursor };
    }
    return { items };
  }
}

function wantsStream(c: ApiContext): boolean {
  return c.req.header("accept")?.includes("text/event-stream") === true;
}

function seqOf(runId: string, id: string): number {
  const digits = id.startsWith(`${runId}:`) ? id.slice(runId.length + 1) : "";
  // `Number` would take "", "1e3" and "0x1" for one, too.
  if (/^\d{1,16}$/.test(digits) && Number.isSafeInteger(Number(digits))) return Number(digits);
  throw new BusbarError("USAGE", "Last-Event-ID is no id that this stream has given");
}
