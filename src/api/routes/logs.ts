import { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import type { LogFilter, LogLine } from "../../ports/run-logs.ts";
import type { Backend } from "../backend.ts";
import { answer, operation, type Router } from "../router.ts";
import { waitForEnd } from "../run-end.ts";
import { wholeNumber } from "../schemas/query.ts";
import { RunPath } from "../schemas/run.ts";
import { encodeFrame } from "../streams/frame.ts";
import { PIECE_BYTES } from "../streams/pace.ts";
import type { Streams } from "../streams/streams.ts";

/** Lines of an answer that is no stream, at most: the last ones. */
const MAX_LINES = 10_000;
const LINES = 1_000;

const LogLineSchema = z
  .object({
    at: z.string().openapi({ format: "date-time" }),
    node_id: z.string(),
    attempt: z.number().int().min(1),
    stream: z.enum(["stdout", "stderr", "busbar"]),
    text: z.string(),
  })
  .openapi("LogLine");

const logs = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/logs",
  tags: ["logs"],
  summary: "What the attempts of a run have written: the last lines, or a stream",
  operationId: "readLogs",
  problems: ["RUN_NOT_FOUND"],
  request: {
    params: RunPath,
    query: z.object({
      node_id: z.string().optional(),
      attempt: z
        .union([z.literal("latest"), wholeNumber(1)])
        .optional()
        .openapi({ type: "string", pattern: "^(latest|[1-9][0-9]{0,14})$" }),
      tail: wholeNumber(0)
        .optional()
        .openapi({ description: `The last so many; without a stream up to ${MAX_LINES}` }),
      search: z.string().min(1).max(1_000).optional().openapi({ description: "Only lines that have this in them" }),
      follow: z
        .enum(["true", "false"])
        .optional()
        .openapi({ description: "Of a stream: go on until the run has ended" }),
    }),
  },
  responses: {
    200: {
      description: "The last lines; a stream where Accept says text/event-stream",
      content: {
        "application/json": { schema: z.object({ lines: z.array(LogLineSchema) }) },
        "text/event-stream": { schema: z.string() },
      },
    },
  },
});

/** The output of containers. */
export function addLogRoutes(router: Router, { runs, isTakenUp }: Backend, streams: Streams): void {
  router.openapi(logs, async (c) => {
    const { run_id } = c.req.valid("param");
    const { node_id, attempt, tail, search, follow } = c.req.valid("query");
    const filter: LogFilter = {
      ...(node_id === undefined ? {} : { nodeId: node_id }),
      ...(attempt === undefined ? {} : { attempt }),
    };
    // A run that is not there is told as such.
    await runs.events(run_id, 0, 1);
    const isWanted = matcher(search);
    if (c.req.header("accept")?.includes("text/event-stream") === true) {
      return streams.open(c, (signal) =>
        encodeLines({ ...filter, ...(tail === undefined ? {} : { tail }) }, signal),
      ) as never;
    }
    const lines: LogLine[] = [];
    const wanted = Math.min(tail ?? LINES, MAX_LINES);
    // With a search the last lines are those that match.
    const all = search === undefined ? { ...filter, tail: wanted } : filter;
    for await (const line of runs.logs(run_id, all)) {
      // A search goes through all there is, which may take long: not for nobody, and not while the server stops.
      c.req.raw.signal.throwIfAborted();
      if (streams.closing.aborted) throw new BusbarError("SERVER_BUSY", "the server is stopping");
      if (!isWanted(line)) continue;
      lines.push(line);
      if (lines.length > 2 * wanted + 100) lines.splice(0, lines.length - wanted);
    }
    return answer(c, { lines: wanted === 0 ? [] : lines.slice(-wanted) });

    async function* encodeLines(what: LogFilter, signal: AbortSignal): AsyncGenerator<Buffer> {
      const over = new AbortController();
      const stop = AbortSignal.any([over.signal, signal]);
      if (follow === "true") void waitForEnd({ runs, isTakenUp }, run_id, stop).then(end, end);
      let pieces: Buffer[] = [];
      let size = 0;
      for await (const line of runs.logs(run_id, follow === "true" ? { ...what, until: stop } : what)) {
        if (signal.aborted) return;
        if (!isWanted(line)) continue;
        const bytes = encodeFrame({ data: line });
        pieces.push(bytes);
        size += bytes.length;
        // Lines that are followed go at once.
        if (follow !== "true" && size < PIECE_BYTES) continue;
        yield Buffer.concat(pieces);
        pieces = [];
        size = 0;
      }
      if (size > 0) yield Buffer.concat(pieces);
      if (!signal.aborted) yield encodeFrame({ event: "end", data: { run_id } });

      function end(): void {
        over.abort();
      }
    }
  });
}

function matcher(search: string | undefined): (line: LogLine) => boolean {
  if (search === undefined) return () => true;
  const wanted = search.toLowerCase();
  return ({ text }) => text.toLowerCase().includes(wanted);
}
