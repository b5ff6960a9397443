import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { describeFailure } from "../kernel/describe-failure.ts";
import { BusbarError } from "../kernel/errors.ts";
import { problemOfThrown } from "./problem.ts";
import type { Router } from "./router.ts";
import type { Streams } from "./streams/streams.ts";

/** Where a server listens, and with what. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A server that listens. */
export interface ApiServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Takes no more requests, ends streams with a farewell, lets others have their answer. */
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often idle connections are closed while the server stops. */
const CLOSE_IDLE_MS = 20;

/**
 * Serves an API.
 * @throws BusbarError ADDRESS_UNAVAILABLE
 */
export async function listen(router: Router, streams: Streams, { host, port, tls }: ListenOptions): Promise<ApiServer> {
  const listener = getRequestListener(router.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (thrown) => problemOfThrown(thrown),
  });
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 500,
    keepAliveTimeout: 60_000,
  };
  const handle = (...args: Parameters<typeof listener>): void => void listener(...args);
  const server: Server =
    tls === undefined ? createHttpServer(options, handle) : createHttpsServer({ ...options, ...tls }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `cannot listen on ${host}:${port}: ${describeFailure(cause)}`;
      reject(new BusbarError("ADDRESS_UNAVAILABLE", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? "http" : "https"}://${name}:${taken}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await streams.close();
      const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
      server.closeIdleConnections();
      await closed;
      clearInterval(closeIdle);
    },
  };
}
