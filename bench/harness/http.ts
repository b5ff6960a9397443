import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";

/** Requests over connections that are kept. */
export interface HttpClient {
  /** @returns the parsed body */
  call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T>;
  /** Reads an event stream to the end of its run. @returns how many events came */
  countEvents(path: string): Promise<number>;
  close(): void;
}

/** Where a server is, and what it asks for. */
export interface HttpServer {
  readonly url: string;
  readonly token: string;
}

export function createHttpClient({ url, token }: HttpServer): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });

  function send(method: string, path: string, accept: string, body?: unknown): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept,
      authorization: `Bearer ${token}`,
      ...(text === undefined
        ? {}
        : {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(text)),
            // As a client sends it that asks again where an answer is lost.
            "idempotency-key": randomUUID(),
          }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, agent, headers }, resolve);
      sent.once("error", reject);
      sent.end(text);
    });
  }

  return {
    async call(method, path, body) {
      const reply = await send(method, path, "application/json", body);
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      if ((reply.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${text}`);
      return JSON.parse(text);
    },
    async countEvents(path) {
      const reply = await send("GET", path, "text/event-stream");
      let count = 0;
      let rest = "";
      for await (const chunk of reply) {
        const text = rest + chunk.toString("latin1");
        const blocks = text.split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          if (block.startsWith("event: end")) {
            reply.destroy();
            return count;
          }
          if (block.startsWith("id: ")) count += 1;
        }
      }
      throw new Error("the stream ended before its run did");
    },
    close: () => agent.destroy(),
  };
}
