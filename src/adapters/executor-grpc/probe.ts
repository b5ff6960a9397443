// A look at what listens on a port where a plaintext gRPC connection failed: grpc-js does not say more
// than "Protocol error".
import { connect, type NetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { escapeControls } from "../../kernel/text.ts";
import { endpointsOf } from "../../workflow/model/address.ts";
import type { Service } from "../../workflow/model/service.ts";
import { boundText } from "./channels.ts";
import type { ConnectFailure } from "./connect-failure.ts";

/** The client's first words in HTTP/2 (RFC 9113, 3.4), with an empty SETTINGS frame. */
const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const TLS_ALERT = 0x15;
const SETTINGS = 4;

/** @returns undefined where nothing can be said for sure. Never rejects. */
export async function findOutWhatListens(service: Service, signal: AbortSignal): Promise<ConnectFailure | undefined> {
  // Of several addresses nobody knows which one it was.
  const [target, ...others] = endpointsOf(boundText(service.address)) ?? [];
  if (target === undefined || others.length > 0) return undefined;
  const answer = await firstBytes(target, signal);
  if (answer === undefined) return undefined;
  if (answer.length > 0 && answer[0] !== TLS_ALERT) {
    // It does speak HTTP/2, this time.
    if (answer.length >= 4 && answer[3] === SETTINGS && answer[0] === 0) return undefined;
    return { code: "SERVICE_WRONG_PROTOCOL", text: `it does not speak gRPC; ${describeAnswer(answer)}` };
  }
  if (answer[0] === TLS_ALERT || (await speaksTls(target, signal))) {
    return { code: "SERVICE_TLS", text: "the service expects TLS, but the file has no tls for it" };
  }
  return { code: "SERVICE_WRONG_PROTOCOL", text: "it accepts connections and hangs up: it does not speak gRPC" };
}

function describeAnswer(answer: Buffer): string {
  const line = answer.toString("latin1").split(/\r?\n/, 1)[0] ?? "";
  const protocol = /^HTTP\/1\.\d/.exec(line)?.[0];
  if (protocol !== undefined) return `a web server answers with ${protocol}`;
  return `it answers ${JSON.stringify(escapeControls(line.slice(0, 60)))}`;
}

/** What a peer says to the preface: empty if it hangs up, undefined if it cannot be reached or says nothing in time. */
function firstBytes(target: NetConnectOpts, signal: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(target);
    let connected = false;
    const settle = (answer: Buffer | undefined): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => settle(undefined);
    socket.on("connect", () => {
      connected = true;
      socket.write(PREFACE);
    });
    socket.on("data", settle);
    // A reset after our preface is a way to hang up.
    socket.on("error", () => settle(connected ? Buffer.alloc(0) : undefined));
    socket.on("close", () => settle(connected ? Buffer.alloc(0) : undefined));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
}

/** Whether a TLS handshake gets an answer in TLS, be it a refusal. */
function speaksTls(target: NetConnectOpts, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ ...target, rejectUnauthorized: false });
    const settle = (answer: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => settle(false);
    socket.on("secureConnect", () => settle(true));
    socket.on("error", (error: Error) => settle(/alert/.test(error.message)));
    socket.on("close", () => settle(false));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
}
