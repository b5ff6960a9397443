// Servers of gRPC's interop tests (doc/interop-test-descriptions.md): one of grpc-js here, others as programs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { CERT_FILES, readCerts } from "./certs.ts";
import {
  encodeAggregate,
  encodeResponse,
  readInput,
  readResponseSize,
  readResponseSizes,
  readStatus,
} from "./interop-messages.ts";

export const INTEROP_SERVICE = "/grpc.testing.TestService";
export const ECHO_INITIAL = "x-grpc-test-echo-initial";
export const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";

export interface InteropServer {
  /** Addresses by the way to connect: `plain`, `tls`, `mtls` (wants a certificate by our CA), `other` (by another). */
  readonly addresses: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/**
 * Starts a program that is given the folder of the certificates, prints a name and an address a line and then READY,
 * and ends when its input does.
 */
export async function startInteropProgram(command: string, args: readonly string[] = []): Promise<InteropServer> {
  const child = spawn(command, [...args, CERT_FILES.ca.replace(/ca\.pem$/, "")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const addresses = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "READY") break;
    const [name = "", address = ""] = line.split(" ");
    addresses.set(name, address);
  }
  return {
    addresses,
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}

export async function startInteropJs(): Promise<InteropServer> {
  const { ca, otherCa, serverCert: cert_chain, serverKey: private_key } = readCerts();
  const secure = (roots: Buffer | null): ServerCredentials =>
    ServerCredentials.createSsl(roots, [{ cert_chain, private_key }], roots !== null);
  const ways: readonly (readonly [string, ServerCredentials])[] = [
    ["plain", ServerCredentials.createInsecure()],
    ["tls", secure(null)],
    ["mtls", secure(ca)],
    ["other", secure(otherCa)],
  ];
  const server = new Server({ "grpc.enable_channelz": 0 });
  server.addService(METHODS, HANDLERS);
  const addresses = new Map<string, string>();
  for (const [name, credentials] of ways) {
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    addresses.set(name, `127.0.0.1:${port}`);
  }
  return { addresses, close: async () => server.forceShutdown() };
}

const same = (value: Buffer): Buffer => value;
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `${INTEROP_SERVICE}/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const METHODS = {
  EmptyCall: method("EmptyCall", false, false),
  UnaryCall: method("UnaryCall", false, false),
  StreamingOutputCall: method("StreamingOutputCall", false, true),
  StreamingInputCall: method("StreamingInputCall", true, false),
  FullDuplexCall: method("FullDuplexCall", true, true),
};

const emptyCall: handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback(null, Buffer.alloc(0));

const unaryCall: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
  const trailers = echoMetadata(call);
  const failure = readStatus(call.request);
  if (failure === undefined) callback(null, encodeResponse(readResponseSize(call.request)), trailers);
  else callback({ code: failure.code, details: failure.message, metadata: trailers });
};

const streamingOutputCall: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  for (const size of readResponseSizes(call.request)) call.write(encodeResponse(size));
  call.end();
};

const streamingInputCall: handleClientStreamingCall<Buffer, Buffer> = (call, callback) => {
  let size = 0;
  call.on("data", (message: Buffer) => {
    size += readInput(message);
  });
  call.on("end", () => callback(null, encodeAggregate(size)));
};

const fullDuplexCall: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  const trailers = echoMetadata(call);
  call.on("data", (message: Buffer) => {
    const failure = readStatus(message);
    if (failure === undefined) for (const size of readResponseSizes(message)) call.write(encodeResponse(size));
    else call.emit("error", { code: failure.code, details: failure.message });
  });
  call.on("end", () => call.end(trailers));
};

const HANDLERS = {
  EmptyCall: emptyCall,
  UnaryCall: unaryCall,
  StreamingOutputCall: streamingOutputCall,
  StreamingInputCall: streamingInputCall,
  FullDuplexCall: fullDuplexCall,
};

/** Sends back what is to come with the headers, and gives what is to come with the status. */
function echoMetadata(call: { readonly metadata: Metadata; sendMetadata(metadata: Metadata): void }): Metadata {
  const take = (key: string): Metadata => {
    const taken = new Metadata();
    for (const value of call.metadata.get(key)) taken.add(key, value);
    return taken;
  };
  if (call.metadata.get(ECHO_INITIAL).length > 0) call.sendMetadata(take(ECHO_INITIAL));
  return take(ECHO_TRAILING);
}
