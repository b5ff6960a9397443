// Requests that Node's HTTP server itself refuses, because they are no HTTP or do not come in time, get the same problems
// as all others. (Node alone would answer with a bare status.)
import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorInfo } from "../kernel/errors.ts";
import { problemOf } from "./problem.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/**
 * Answers on a connection whose request could not be read, and closes it.
 * @param answering the response to a request that is under way there: where its head is out, nothing else may follow
 */
export function refuseClient(error: Error & { code?: string }, socket: Duplex, answering?: ServerResponse): void {
  if (!socket.writable || error.code === "ECONNRESET" || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, problem] = problemOfClient(error.code);
  const body = JSON.stringify(problemOf(problem, status));
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
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
