// Requests that Node's HTTP server itself refuses, because they are no HTTP or do not come in time, get the same problems
// as all others. (Node alone would answer with a bare status.)
import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorInfo } from "../kernel/errors.ts";
import { problemOf, statusOf } from "./problem.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** How long a refused client may go on sending: closed at once, its connection would lose the answer. */
const LINGER_MS = 500;
const refused = new WeakSet<Duplex>();
const waiting = new WeakSet<Duplex>();

/** Answers a request that does not come to the API, and closes its connection. */
export function refuse(response: ServerResponse, problem: ErrorInfo, status: number = statusOf(problem.code)): void {
  const body = JSON.stringify(problemOf(problem, status));
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    "content-type": "application/problem+json",
    "content-length": length,
    connection: "close",
  });
  response.end(body);
}

/**
 * Answers on a connection whose request could not be read, and closes it.
 * @param answering the last response there: one to an earlier request comes first, and of one to the same request
 *   whose head is out there cannot be another
 */
export function refuseClient(error: Error & { code?: string }, socket: Duplex, answering?: ServerResponse): void {
  if (refused.has(socket)) return;
  const isUnderWay = answering !== undefined && !answering.writableFinished;
  if (!socket.writable || error.code === "ECONNRESET" || (isUnderWay && answering.headersSent)) {
    socket.destroy();
    return;
  }
  if (isUnderWay && answering.req.complete) {
    // Whatever else comes meanwhile is refused with it.
    if (!waiting.has(socket)) answering.once("close", () => refuseClient(error, socket));
    waiting.add(socket);
    return;
  }
  refused.add(socket);
  const [status, problem] = problemOfClient(error.code);
  const body = JSON.stringify(problemOf(problem, status));
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(linger));
  socket.once("end", () => socket.destroy());
}

function problemOfClient(code: string | undefined): readonly [status: number, problem: ErrorInfo] {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return [431, { code: "REQUEST_TOO_LARGE", message: "the head of the request is too large" }];
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, { code: "REQUEST_SLOW", message: "the request did not arrive in time" }];
    default:
      return [400, { code: "REQUEST_INVALID", message: "this is no HTTP/1.1 request" }];
  }
}
