import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { createEndpointHandler } from "@restatedev/restate-sdk";
import { createAttemptService } from "./attempt-service.ts";
import { createAttemptsInHand } from "./attempts-in-hand.ts";
import { createKeyObject } from "./key-object.ts";
import { createRequestsObject } from "./requests-object.ts";
import { createRunObject } from "./run-object.ts";
import type { WorkerTools } from "./tools.ts";

export interface EndpointOptions extends WorkerTools {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Restate's public keys (`publickeyv1_…`): requests that none of them has signed are answered with 401. */
  readonly identityKeys?: readonly string[];
}

/** Where Restate finds a worker. */
export interface Endpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves drives and attempts to Restate: HTTP/2 without TLS, as within a private network. */
export async function listenForRestate({ host, port, identityKeys, ...tools }: EndpointOptions): Promise<Endpoint> {
  const attempts = createAttemptsInHand(tools);
  const handler = createEndpointHandler({
    services: [
      createRunObject(tools),
      createAttemptService(tools, attempts),
      createRequestsObject(),
      createKeyObject(),
    ],
    ...(identityKeys === undefined ? {} : { identityKeys: [...identityKeys] }),
    logger: ({ level }, message, ...rest) => {
      if (level === "warn" || level === "error") tools.onTrouble(new Error([message, ...rest].map(String).join(" ")));
    },
  });
  const server = createServer(handler);
  const sessions = new Set<{ destroy(): void }>();
  // Small frames back and forth: waiting to fill a packet costs 40 ms each.
  server.on("connection", (socket) => socket.setNoDelay(true));
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const left = attempts.leave();
      for (const session of sessions) session.destroy();
      await Promise.all([left, closed]);
    },
  };
}

function listening(server: Http2Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
