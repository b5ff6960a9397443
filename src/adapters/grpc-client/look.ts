// A second look at a peer that did not speak HTTP/2: Node tells that it did not, not what it said instead.
import { connect } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import type { Endpoint } from "../../kernel/target.ts";
import type { Sight } from "./fault.ts";
import { afterAwake } from "./timers.ts";

/** The client's first words in HTTP/2 (RFC 9113, 3.4), with an empty SETTINGS frame. */
const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const TLS_ALERT = 0x15;
const SETTINGS = 4;
/** How long each of the two looks may take. */
const LOOK_MS = 1000;
const MAX_BYTES = 256;

/**
 * @param signal ends it at once
 * @returns undefined where nothing can be said for sure: it cannot be reached, says nothing, or does speak HTTP/2 now
 */
export async function lookAtPeer(endpoint: Endpoint, clock: Clock, signal: AbortSignal): Promise<Sight | undefined> {
  const bytes = await hearFirstBytes(endpoint, clock, signal);
  if (bytes === undefined || (bytes[3] === SETTINGS && bytes[0] === 0)) return undefined;
  if (bytes[0] === TLS_ALERT) return { sort: "tls" };
  if (bytes.length > 0) return { sort: "bytes", bytes: bytes.subarray(0, MAX_BYTES) };
  if (signal.aborted) return undefined;
  return (await speaksTls(endpoint, clock, signal)) ? { sort: "tls" } : { sort: "nothing" };
}

/** What it says to the preface: empty if it hangs up, undefined if it cannot be reached or says nothing in time. */
function hearFirstBytes(endpoint: Endpoint, clock: Clock, signal: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(endpoint);
    let isConnected = false;
    const settle = (answer: Buffer | undefined): void => {
      cancelTimer();
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => settle(undefined);
    const cancelTimer = afterAwake(clock, LOOK_MS, () => socket.bytesRead, giveUp);
    signal.addEventListener("abort", giveUp);
    socket.on("connect", () => {
      isConnected = true;
      socket.write(PREFACE);
    });
    socket.on("data", settle);
    // A reset after our preface is a way to hang up.
    socket.on("error", () => settle(isConnected ? Buffer.alloc(0) : undefined));
    socket.on("close", () => settle(isConnected ? Buffer.alloc(0) : undefined));
  });
}

/** Whether a TLS handshake gets an answer in TLS, be it a refusal. */
function speaksTls(endpoint: Endpoint, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule("node:tls").connect({ ...endpoint, rejectUnauthorized: false });
    const settle = (answer: boolean): void => {
      cancelTimer();
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => settle(false);
    const cancelTimer = afterAwake(clock, LOOK_MS, () => socket.bytesRead, giveUp);
    signal.addEventListener("abort", giveUp);
    socket.on("secureConnect", () => settle(true));
    socket.on("error", (error: NodeJS.ErrnoException) => settle(error.code?.includes("_ALERT_") === true));
    socket.on("close", () => settle(false));
  });
}
