// The HEALTHCHECK of the images: asks grpc.health.v1 of what the container runs, or /readyz of `busbar serve`. Exit code
// 0 says that it serves, or that nothing is served here. On node:http2, which takes half the time of a gRPC library: it runs every few seconds for as
// long as there is a container.
import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { connect } from "node:http2";
import { request as requestHttps } from "node:https";
import { findHealthAddress } from "./health-address.ts";

/** Shorter than the timeout of the HEALTHCHECK, so that the reason is still told. */
const PATIENCE_MS = 2500;
/** A HealthCheckRequest with an empty name, the server as a whole: no byte but the five of gRPC's own. */
const REQUEST = Buffer.alloc(5);
/** A HealthCheckResponse with `status = 1`, SERVING. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

const words = readFileSync(process.argv[2] ?? "/proc/1/cmdline", "utf8").split("\0");
try {
  const address = findHealthAddress(words, process.env);
  if (address?.speaks === "grpc") askGrpc(address.url);
  if (address?.speaks === "http") askHttp(address.url);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function askGrpc(url: string): void {
  const session = connect(url);
  const fail = (reason: string): void => {
    // Where there is no connection, both the session and the stream say so.
    if (process.exitCode === undefined) process.stderr.write(`${url}: ${reason}\n`);
    process.exitCode = 1;
    session.destroy();
  };
  session.on("error", (error) => fail(error.message));
  session.setTimeout(PATIENCE_MS, () => fail("no answer"));
  const stream = session.request({
    ":method": "POST",
    ":path": "/grpc.health.v1.Health/Check",
    "content-type": "application/grpc",
    te: "trailers",
  });
  const chunks: Buffer[] = [];
  let refusal = "";
  // A call that fails at once has its status in the headers, any other in the trailers.
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (headers) => {
      if (Number(headers["grpc-status"] ?? 0) !== 0) refusal = `${headers["grpc-message"] ?? headers["grpc-status"]}`;
    });
  }
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", (error) => fail((error.cause instanceof Error ? error.cause : error).message));
  stream.on("end", () => {
    if (Buffer.concat(chunks).equals(SERVING)) session.destroy();
    else fail(refusal === "" ? "not serving" : refusal);
  });
  stream.end(REQUEST);
}

function askHttp(url: string): void {
  const fail = (reason: string): void => {
    process.stderr.write(`${url}: ${reason}\n`);
    process.exitCode = 1;
  };
  const request = url.startsWith("https") ? requestHttps : requestHttp;
  // Its own container asks it, over loopback: whose certificate it shows is for others to judge.
  const sent = request(`${url}/readyz`, { rejectUnauthorized: false, timeout: PATIENCE_MS }, (reply) => {
    reply.resume();
    if (reply.statusCode !== 200) fail(`/readyz says ${reply.statusCode}`);
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer")));
  sent.on("error", (error) => fail(error.message));
  sent.end();
}
