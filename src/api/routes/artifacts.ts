import { z } from "@hono/zod-openapi";
import { BusbarError } from "../../kernel/errors.ts";
import { parseTimestamp } from "../../kernel/timestamp.ts";
import type { Artifact, RowRange, Span } from "../../ports/artifacts.ts";
import type { Backend } from "../backend.ts";
import { isKnown, readRange } from "../byte-range.ts";
import { type NodeArtifact, openNodeArtifact } from "../node-artifact.ts";
import { problemResponse } from "../problem.ts";
import { type ApiContext, operation, type Router } from "../router.ts";
import { RunPath } from "../schemas/run.ts";
import type { Streams } from "../streams/streams.ts";

/** Rows of one answer. */
const MAX_ROWS = 10_000;

const Bytes = z.string().openapi({ format: "binary" });

const HEADERS = z.object({
  etag: z.string().openapi({ description: "Of the file; weak while it may change unseen" }),
  "last-modified": z.string(),
  "busbar-changed": z
    .enum(["true", "false"])
    .openapi({ description: "Whether the file was written to after the node had made it" }),
});

const artifact = operation("viewer", {
  method: "get",
  path: "/runs/{run_id}/nodes/{node_id}/artifact",
  tags: ["artifacts"],
  summary: "The file that a node has made: all of it, a range of its bytes, or rows of a CSV file",
  operationId: "readArtifact",
  problems: ["RUN_NOT_FOUND", "ARTIFACT_NOT_FOUND", "ARTIFACT_REFUSED", "ARTIFACT_NO_ROWS", 416],
  request: {
    params: RunPath.extend({ node_id: z.string().openapi({ param: { name: "node_id", in: "path" } }) }),
    query: z.object({
      rows: z
        .string()
        .regex(/^[1-9]\d{0,11}-[1-9]\d{0,11}$/)
        .optional()
        .openapi({
          description: `Of a CSV file: its header and these rows, from 1, both included; ${MAX_ROWS} at most. The header \`busbar-rows\` says which they are, and of how many, where that is known`,
          example: "1-100",
        }),
    }),
    headers: z.object({
      range: z.string().optional().openapi({ description: "One range of bytes", example: "bytes=0-1023" }),
      "if-range": z.string().optional(),
      "if-none-match": z.string().optional(),
    }),
  },
  responses: {
    200: {
      description: "The file, or the rows",
      headers: HEADERS,
      content: { "*/*": { schema: Bytes } },
    },
    206: { description: "The range", headers: HEADERS, content: { "*/*": { schema: Bytes } } },
    304: { description: "It is what `If-None-Match` says" },
  },
});

/** What nodes have made. */
export function addArtifactRoutes(router: Router, { runs, artifacts }: Backend, streams: Streams): void {
  router.openapi(artifact, async (c) => {
    const { run_id, node_id } = c.req.valid("param");
    const rows = readRows(c.req.valid("query").rows);
    const opened = await openNodeArtifact(runs, artifacts, run_id, node_id);
    try {
      return (await respond(c, streams, opened, rows)) as never;
    } catch (thrown) {
      await opened.artifact.close();
      throw thrown;
    }
  });
}

async function respond(
  c: ApiContext,
  streams: Streams,
  { artifact, isChanged }: NodeArtifact,
  rows: RowRange | undefined,
): Promise<Response> {
  const { etag, size } = artifact;
  const headers = { ...headersOf(artifact), "busbar-changed": String(isChanged) };
  if (isKnown(c.req.header("if-none-match"), etag)) return answerEmpty(artifact, 304, { etag });
  if (rows !== undefined) {
    const found = await artifact.findRows(rows, c.req.raw.signal);
    const spans = [found.header, found.rows];
    const which = found.count === 0 ? "*" : `${rows.first}-${rows.first + found.count - 1}`;
    return answerBytes(c, streams, artifact, spans, 200, {
      ...headers,
      "busbar-rows": `${which}/${found.total ?? "*"}`,
    });
  }
  // Of all of it: what a range is of is for GET alone (RFC 9110, 14.2).
  const range = c.req.method === "HEAD" ? undefined : c.req.header("range");
  const asked = readRange({ range, ifRange: c.req.header("if-range") }, artifact);
  const all = { ...headers, "accept-ranges": "bytes" };
  if (asked.kind === "none") {
    await artifact.close();
    const response = problemResponse({ code: "REQUEST_INVALID", message: `the file has ${size} bytes` }, 416);
    response.headers.set("content-range", `bytes */${size}`);
    return response;
  }
  if (asked.kind === "all") return answerBytes(c, streams, artifact, [{ start: 0, end: size }], 200, all);
  const { start, end } = asked.span;
  const part = { ...all, "content-range": `bytes ${start}-${end - 1}/${size}` };
  return answerBytes(c, streams, artifact, [asked.span], 206, part);
}

function answerBytes(
  c: ApiContext,
  streams: Streams,
  artifact: Artifact,
  spans: readonly Span[],
  status: number,
  headers: Readonly<Record<string, string>>,
): Response | Promise<Response> {
  const length = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const whole = { ...headers, "content-length": String(length) };
  if (c.req.method === "HEAD" || length === 0) return answerEmpty(artifact, status, whole);
  return streams.send(c, {
    source: readAll(artifact, spans),
    release: () => void artifact.close(),
    status,
    headers: whole,
  });
}

async function answerEmpty(artifact: Artifact, status: number, headers: Readonly<Record<string, string>>) {
  await artifact.close();
  return new Response(null, { status, headers });
}

async function* readAll(artifact: Artifact, spans: readonly Span[]): AsyncGenerator<Uint8Array> {
  for (const span of spans) yield* artifact.read(span);
}

/** A browser saves it, whatever is in it, and runs nothing of it. */
function headersOf({ name, mediaType, etag, modifiedAt }: Artifact): Readonly<Record<string, string>> {
  return {
    "cache-control": "private, no-cache",
    "content-disposition": `attachment; filename*=UTF-8''${encodeName(name)}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "content-type": mediaType,
    "last-modified": new Date(parseTimestamp(modifiedAt)).toUTCString(),
    etag,
  };
}

/** RFC 8187. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

/** @throws BusbarError REQUEST_INVALID */
function readRows(text: string | undefined): RowRange | undefined {
  if (text === undefined) return undefined;
  const [first = 0, last = 0] = text.split("-").map(Number);
  if (last >= first && last - first < MAX_ROWS) return { first, last };
  throw new BusbarError("REQUEST_INVALID", `rows=${text} is no range of 1 to ${MAX_ROWS} rows`);
}
