import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuard, type GuardOptions } from "../../src/api/access/guard.ts";
import { createApi } from "../../src/api/api.ts";
import type { Router } from "../../src/api/router.ts";
import { listen } from "../../src/api/server.ts";
import { createStreams } from "../../src/api/streams/streams.ts";
import { openServer, type ServerHost } from "../../src/app/server/open-server.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Role } from "../../src/ports/access.ts";

/** A server in this process that lets in whom `busbar serve` lets in. */
export interface Guarded {
  readonly url: string;
  readonly stateDir: string;
  /** Where the relative paths of nodes are looked for. */
  readonly dataDir: string;
  readonly host: ServerHost;
  readonly router: Router;
  /** @param path below the root of the server */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** The token that somebody made for that role. */
  tokenOf(role: Role): Promise<string>;
  close(): Promise<void>;
}

export interface SendOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever shape it expects.
  readonly body: any;
}

export async function startGuarded(options: Omit<GuardOptions, "tokens" | "clock"> = {}): Promise<Guarded> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-guarded-"));
  const stateDir = join(folder, "state");
  const dataDir = join(stateDir, "data");
  const secrets = createSecrets(() => undefined);
  const host = await openServer({ stateDir, secrets, dataDirs: [{ prefix: ".", dir: dataDir }] });
  const streams = createStreams();
  const guard = createGuard({ ...host, lookMs: 20, ...options });
  const router = createApi(host, streams, guard);
  const server = await listen(router, streams, { host: "127.0.0.1", port: 0 });
  const made = new Map<Role, string>();
  return {
    url: server.url,
    stateDir,
    dataDir,
    host,
    router,
    send: (method, path, sent) => send(server.url, method, path, sent),
    async tokenOf(role) {
      const token = made.get(role) ?? (await host.tokens.create({ role })).token;
      made.set(role, token);
      return token;
    },
    async close() {
      await server.close();
      guard.close();
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With whatever headers: `fetch` would not send some of them. */
function send(
  url: string,
  method: string,
  path: string,
  { token, headers = {}, body }: SendOptions = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sending = request(`${url}${path}`, {
      method,
      agent: false,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
        ...headers,
      },
    });
    sending.on("error", reject);
    sending.on("response", (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        received += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const isJson = /json/.test(response.headers["content-type"] ?? "");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: isJson ? JSON.parse(received) : received,
        });
      });
    });
    sending.end(text);
  });
}
