import type { IncomingMessage } from "node:http";
import { type AgentOptions, type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
import type { Clock } from "../../kernel/clock.ts";
import { peek } from "../../kernel/thrown.ts";
import { connectionError, foreign, foreignAnswer, type Reached } from "./faults.ts";
import { errorOfProblem } from "./problem.ts";

/** How long a connection may take, and an answer where nothing has to happen first. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;
/** A peer that is gone without a word is noticed by probes, which begin after this. */
const PROBE_MS = 15_000;

/** Where a server is. */
export interface ServerPlace {
  /** Of the server, without what stands below it: `https://busbar.example.org`. */
  readonly url: URL;
  readonly token?: string;
  /** As environment variables name them (`https_proxy`, `no_proxy`); none if left out. */
  readonly proxyEnv?: NodeJS.ProcessEnv;
}

/** A request to the API. */
export interface ApiRequest {
  readonly method: "GET" | "POST";
  /** Below `/api/v1`, encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal | undefined;
  /** The answer may take as long as it likes. */
  readonly isPatient?: boolean;
}

/** An answer with JSON. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly value: T;
}

/** Speaks to one server over connections that are kept. */
export interface Connection {
  readonly url: string;
  /** @throws BusbarError what the server tells of; SERVER_…; the signal's reason */
  call<T>(request: ApiRequest): Promise<ApiAnswer<T>>;
  /** Opens an event stream. @throws as `call` */
  open(request: ApiRequest): Promise<IncomingMessage>;
  /** Whether the server was ever reached. */
  hasAnswered(): boolean;
  /** Aborts when the connection is closed. */
  readonly closed: AbortSignal;
  close(): void;
}

export async function createConnection({ url, token, proxyEnv }: ServerPlace, clock: Clock): Promise<Connection> {
  const isSecure = url.protocol === "https:";
  const options: AgentOptions = { keepAlive: true, ...(proxyEnv === undefined ? {} : { proxyEnv }) };
  // What plain HTTP does not need is not loaded.
  const https = isSecure ? await import("node:https") : undefined;
  const agent = https === undefined ? new HttpAgent(options) : new https.Agent(options);
  const base = url.href.replace(/\/+$/, "");
  const reached: Reached = { url: base, hasProxy: proxyEnv !== undefined && namesProxy(proxyEnv, isSecure) };
  const closing = new AbortController();
  let answered = false;

  function send(request: ApiRequest, accept: string): Promise<IncomingMessage> {
    const { method, path, query = {}, body, headers = {}, signal, isPatient = false } = request;
    signal?.throwIfAborted();
    closing.signal.throwIfAborted();
    const target = new URL(`${base}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const text = method === "GET" ? undefined : JSON.stringify(body ?? {});
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent: ClientRequest = (https?.request ?? httpRequest)(target, {
      method,
      agent,
      headers: {
        accept,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        // Who changes something says from where; whoever has no token is taken for a page otherwise.
        ...(text === undefined
          ? {}
          : {
              "content-type": "application/json",
              "content-length": String(Buffer.byteLength(text)),
              origin: url.origin,
            }),
        ...headers,
      },
    });
    const stop = (): void => void sent.destroy(new DOMException("This operation was aborted", "AbortError"));
    for (const one of [signal, closing.signal]) one?.addEventListener("abort", stop, { once: true });
    const timers = [
      isPatient ? undefined : clock.after(ANSWER_MS, () => sent.destroy(silence(ANSWER_MS))),
      clock.after(CONNECT_MS, () => {
        if (sent.socket?.connecting !== false) sent.destroy(silence(CONNECT_MS));
      }),
    ];
    const stopTimers = (): void => {
      for (const cancel of timers) cancel?.();
    };
    sent.once("socket", (socket) => socket.setKeepAlive(true, PROBE_MS));
    sent.once("response", (response) => {
      stopTimers();
      resolve(response);
    });
    sent.on("error", reject);
    sent.once("close", () => {
      for (const one of [signal, closing.signal]) one?.removeEventListener("abort", stop);
      stopTimers();
      reject(new Error("the connection was closed"));
    });
    sent.end(text);
    return promise.catch((thrown: unknown) => {
      signal?.throwIfAborted();
      closing.signal.throwIfAborted();
      // The server had closed a connection that was kept, before it saw anything of this.
      if (sent.reusedSocket && method === "GET" && peek(thrown, "code") === "ECONNRESET") return send(request, accept);
      throw connectionError(reached, thrown);
    });
  }

  async function refuse(response: IncomingMessage): Promise<never> {
    const { statusCode = 0, headers } = response;
    if (headers["content-type"]?.startsWith("application/problem+json") === true) {
      const error = errorOfProblem(await readJson(response));
      if (error !== undefined) {
        answered = true;
        throw error;
      }
    }
    response.destroy();
    throw foreignAnswer(reached, statusCode, { type: headers["content-type"], location: headers.location });
  }

  async function readJson(response: IncomingMessage, signal?: AbortSignal): Promise<unknown> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of response) chunks.push(chunk);
    } catch (cause) {
      signal?.throwIfAborted();
      closing.signal.throwIfAborted();
      throw connectionError(reached, cause);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch (cause) {
      throw foreign(base, "it sends what is no JSON", cause);
    }
  }

  const isOk = ({ statusCode = 0, headers }: IncomingMessage, type: string): boolean =>
    statusCode >= 200 && statusCode < 300 && headers["content-type"]?.startsWith(type) === true;

  return {
    url: base,
    async call(request) {
      const response = await send(request, "application/json");
      if (!isOk(response, "application/json")) return refuse(response);
      const value = await readJson(response, request.signal);
      answered = true;
      return { status: response.statusCode ?? 0, value: value as never };
    },
    async open(request) {
      const response = await send(request, "text/event-stream");
      if (!isOk(response, "text/event-stream")) return refuse(response);
      answered = true;
      return response;
    },
    hasAnswered: () => answered,
    closed: closing.signal,
    close() {
      closing.abort();
      agent.destroy();
    },
  };
}

function silence(ms: number): Error {
  return Object.assign(new Error(`no answer within ${ms / 1000} s`), { code: "ESILENT" });
}

function namesProxy(env: NodeJS.ProcessEnv, isSecure: boolean): boolean {
  const names = isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  return names.some((name) => env[name] !== undefined && env[name] !== "");
}
