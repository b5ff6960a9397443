import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller } from "../../src/api/access/caller.ts";
import { createSessions } from "../../src/api/access/sessions.ts";
import { type ApiGuard, createApi } from "../../src/api/api.ts";
import { type ListenOptions, listen } from "../../src/api/server.ts";
import { createStreams } from "../../src/api/streams/streams.ts";
import { openServer, type ServerHost, type ServerOptions } from "../../src/app/server/open-server.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";

/** A server in this process, on a free port of loopback, with a state directory of its own. */
export interface Serving {
  readonly url: string;
  readonly host: ServerHost;
  readonly stateDir: string;
  /** How many streams are open. */
  countStreams(): number;
  /** A request to the API, with JSON both ways. */
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  close(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever shape it expects.
  readonly body: any;
}

const ADMIN: Caller = { role: "admin", name: "test", id: "test" };

/** How a server bounds its clients, and what it is opened with; what is left out is as `busbar serve` has it. */
export interface ServingOptions
  extends Pick<ListenOptions, "headersTimeoutMs" | "requestTimeoutMs" | "maxConnections">,
    Pick<ServerOptions, "dataDirs"> {
  /** What the API speaks to in the place of what was opened. */
  readonly instead?: (host: ServerHost) => Partial<ServerHost>;
  readonly unreadMs?: number;
  readonly heartbeatMs?: number;
}

export async function startServing(caller: Caller = ADMIN, options: ServingOptions = {}): Promise<Serving> {
  const { unreadMs, heartbeatMs, dataDirs, instead = () => ({}), ...limits } = options;
  const stateDir = mkdtempSync(join(tmpdir(), "busbar-serve-"));
  const host = await openServer({
    stateDir,
    secrets: createSecrets(() => undefined),
    ...(dataDirs === undefined ? {} : { dataDirs }),
  });
  const streams = createStreams(unreadMs, heartbeatMs);
  const router = createApi({ ...host, ...instead(host) }, streams, admitAs(caller));
  const server = await listen(router, streams, { host: "127.0.0.1", port: 0, ...limits });
  return {
    url: server.url,
    host,
    stateDir,
    countStreams: streams.count,
    async call(method, path, body) {
      const response = await fetch(`${server.url}/api/v1${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    async close() {
      await server.close();
      await host.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Takes everybody for one caller. */
export function admitAs(caller: Caller): ApiGuard {
  return {
    sessions: createSessions({ monotonic: () => 0 }),
    logIn: () => Promise.reject(new Error("nobody signs in here")),
    checkHost: (_, next) => next(),
    async admit(c, next) {
      c.set("caller", caller);
      c.set("session", { value: undefined, isSecure: false });
      await next();
    },
  };
}

/** One message of an event stream. */
export interface Message {
  readonly id?: string;
  readonly event?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever shape it expects.
  readonly data: any;
}

/** Reads an event stream until it ends, or the signal aborts. */
export async function* readStream(
  url: string,
  options: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Message> {
  const response = await fetch(url, {
    ...options,
    headers: { accept: "text/event-stream", ...options.headers },
  });
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    rest += chunk;
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
      );
      const [id, event, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
      if (data === undefined) continue;
      yield { ...(id === undefined ? {} : { id }), ...(event === undefined ? {} : { event }), data: JSON.parse(data) };
    }
  }
}
