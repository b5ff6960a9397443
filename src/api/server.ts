import { createServer as createHttpServer, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import { describeFailure } from "../kernel/describe-failure.ts";
import { BusbarError, type ErrorInfo } from "../kernel/errors.ts";
import { inTurn } from "./in-turn.ts";
import { problemOfThrown, problemResponse } from "./problem.ts";
import { refuse, refuseClient } from "./refuse-client.ts";
import { isForOneHost } from "./request-target.ts";
import type { Router } from "./router.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import type { Streams } from "./streams/streams.ts";

/** Where a server listens, and with what. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: TlsFiles;
  /** How long the head of a request, and all of it, may take to arrive. Left out: 10 and 30 seconds. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** Connections at once, streams among them; more are closed as they come. Left out: 4,000. */
  readonly maxConnections?: number;
}

/** PEM texts. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A server that listens. */
export interface ApiServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Connections from now on use these. */
  renewTls(files: TlsFiles): void;
  /**
   * Takes no more requests, ends streams with a farewell, lets others have their answer. Who has not had it, or has not
   * read it, a moment after what it may wait for is cut off.
   */
  close(waitsFor?: Promise<unknown>): Promise<void>;
}

const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often requests that are late are looked for. */
const LATE_MS = 500;
const NO_TARGET: ErrorInfo = {
  code: "REQUEST_INVALID",
  message: "the request does not say what it is for: its target or its Host",
};
const MAX_CONNECTIONS = 4_000;
/** How often idle connections are closed while the server stops. */
const CLOSE_IDLE_MS = 20;
/** How long an answer may take when the server stops. */
const CUT_MS = 300;

/**
 * Serves an API.
 * @throws BusbarError ADDRESS_UNAVAILABLE
 */
export async function listen(router: Router, streams: Streams, options: ListenOptions): Promise<ApiServer> {
  const { host, port, tls, headersTimeoutMs = HEADERS_TIMEOUT_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const answer = getRequestListener(router.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (thrown) => {
      // Of the target or the host; more than that it does not say.
      return thrown instanceof RequestError ? problemResponse(NO_TARGET) : problemOfThrown(thrown);
    },
  });
  const answering = new WeakMap<Duplex, ServerResponse>();
  const handle = inTurn((request, response) => {
    answering.set(request.socket, response);
    setSecurityHeaders(response);
    if (!isForOneHost(request)) return refuse(response, NO_TARGET);
    void answer(request, response);
  });
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(LATE_MS, headersTimeoutMs, requestTimeoutMs),
    keepAliveTimeout: 60_000,
    // It is said here, as a problem.
    requireHostHeader: false,
  };
  const secure = tls === undefined ? undefined : createHttpsServer({ ...limits, ...tls }, handle);
  const server: Server = secure ?? createHttpServer(limits, handle);
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.on("checkExpectation", (_, response) => {
    setSecurityHeaders(response);
    refuse(response, { code: "REQUEST_INVALID", message: "the server does not do what Expect asks for" }, 417);
  });
  server.on("clientError", (error, socket) => refuseClient(error, socket, answering.get(socket)));
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
    renewTls: (files) => secure?.setSecureContext(files),
    url: `${tls === undefined ? "http" : "https"}://${name}:${taken}`,
    async close(waitsFor = Promise.resolve()) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await streams.close();
      const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
      server.closeIdleConnections();
      await Promise.race([closed, waitsFor.catch(() => undefined)]);
      // Also those that are not yet through their TLS handshake, of which node:http does not know.
      const cut = setTimeout(() => connections.forEach((socket) => void socket.destroy()), CUT_MS);
      await closed;
      clearTimeout(cut);
      clearInterval(closeIdle);
    },
  };
}
