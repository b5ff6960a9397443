import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Clock } from "../../kernel/clock.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { ROLES, type Role } from "./roles.ts";

/** How long an answer may take. */
const ANSWER_MS = 60_000;
/** How long what has answered before may be away, where nobody says otherwise: a node of the cluster may be started anew. */
const AWAY_MS = 60_000;
/** After what time it is told that an answer is late. */
const LATE_MS = 5_000;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** Speaks HTTP to Restate, over connections that are kept. */
export interface HttpTools {
  readonly clock: Clock;
  readonly agent: HttpAgent;
  /** How long what has answered before may be away, before whoever asked is told. */
  readonly awayMs: number;
  /** What has answered yet, as `host:port`: what never did is not waited for. */
  readonly answered: Set<string>;
  /** What is late, and was told of. */
  readonly late: Set<string>;
  /** Told once of each time that something is away, or late. */
  readonly onAway?: (why: BusbarError) => void;
  isClosed(): boolean;
  /** Breaks what is under way, which is then not tried again. */
  close(): void;
}

export function createHttpTools(clock: Clock, onAway?: HttpTools["onAway"], awayMs = AWAY_MS): HttpTools {
  const agent = new HttpAgent({ keepAlive: true });
  let closed = false;
  return {
    ...{ clock, agent, awayMs, answered: new Set(), late: new Set() },
    ...(onAway === undefined ? {} : { onAway }),
    isClosed: () => closed,
    close() {
      closed = true;
      agent.destroy();
    },
  };
}

export interface HttpRequest {
  /** Which of the cluster's addresses that is: what cannot be reached is told by that name. */
  readonly of: Role;
  readonly url: string;
  /** Left out: GET. Else it is sent as JSON; `undefined` in a field that is there sends nothing. */
  readonly body?: unknown;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE" | "PATCH";
  readonly headers?: { readonly [name: string]: string };
  /** Who answers: a worker, for which Restate keeps the call until one takes it, or (left out) Restate by itself. */
  readonly by?: "worker";
  readonly signal?: AbortSignal;
  /** Told each time that it goes out over a connection. */
  readonly onOut?: () => void;
}

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request, again where the connection breaks: all that is asked of Restate here may be asked twice (it reads, or
 * has a key by which Restate knows it again).
 * @throws BusbarError CLUSTER_UNREACHABLE; CLUSTER_NO_WORKERS where a worker does not answer; the signal's reason
 */
export async function send(tools: HttpTools, request: HttpRequest): Promise<HttpAnswer> {
  const { host } = new URL(request.url);
  const until = tools.clock.monotonic() + tools.awayMs;
  let away: BusbarError;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const stopTelling = tools.clock.after(LATE_MS, () => {
      if (!tools.late.has(host)) tools.onAway?.(lateOf(request, `for ${LATE_MS / 1000} s`));
      tools.late.add(host);
    });
    try {
      const answer = await sendOnce(tools, request);
      tools.answered.add(host);
      tools.late.delete(host);
      return answer;
    } catch (cause) {
      request.signal?.throwIfAborted();
      away = cause === TOO_LATE ? lateOf(request, TOO_LATE.message) : awayOf(request, cause);
      if (!tools.answered.has(host) || tools.isClosed() || tools.clock.monotonic() > until) throw away;
      // Not of a connection alone that was kept too long.
      if (waitMs === 2 * FIRST_WAIT_MS) tools.onAway?.(away);
    } finally {
      stopTelling();
    }
    await new Promise<void>((resolve) => tools.clock.after(waitMs, resolve));
    if (tools.isClosed()) throw away;
  }
}

const TOO_LATE = new Error(`within ${ANSWER_MS / 1000} s`);

function awayOf({ of, url }: HttpRequest, cause: unknown): BusbarError {
  const message = `${ROLES[of].name} at ${new URL(url).origin} cannot be reached: ${describeFailure(cause)}`;
  return new BusbarError("CLUSTER_UNREACHABLE", message, { cause });
}

/** @param since `for 5 s` */
function lateOf({ of, url, by }: HttpRequest, since: string): BusbarError {
  const { origin } = new URL(url);
  return by === "worker"
    ? new BusbarError("CLUSTER_NO_WORKERS", `no worker has answered ${since} by way of Restate at ${origin}`)
    : new BusbarError("CLUSTER_UNREACHABLE", `${ROLES[of].name} at ${origin} has not answered ${since}`);
}

function sendOnce({ agent, clock }: HttpTools, request: HttpRequest): Promise<HttpAnswer> {
  const { url, body, headers, signal } = request;
  signal?.throwIfAborted();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const sent = httpRequest(url, {
    agent,
    method: request.method ?? (text === undefined ? "GET" : "POST"),
    headers: {
      accept: "application/json",
      ...(text === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
      ...headers,
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const stopWaiting = clock.after(ANSWER_MS, () => sent.destroy(TOO_LATE));
  sent.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", () => request.onOut?.());
    else request.onOut?.();
  });
  let hasAnswer = false;
  sent.once("response", (response) => {
    hasAnswer = true;
    readAll(url, response).then(resolve, reject);
  });
  sent.on("error", reject);
  sent.once("close", () => {
    stopWaiting();
    // An answer that was cut off says so itself.
    if (!hasAnswer) reject(new Error("the connection was closed"));
  });
  sent.end(text);
  return promise;
}

async function readAll(url: string, response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { url, status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}
