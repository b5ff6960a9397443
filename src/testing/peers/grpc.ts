// A gRPC server without the service kit, so that each part of a good service can be left out or bent.
import type { AddressInfo } from "node:net";
import { create, type DescFile } from "@bufbuild/protobuf";
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import {
  ContainerExecutor,
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "../../gen/energy_pipeline_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  Health,
  type HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "../../gen/health/v1/health_pb.ts";
import { toServiceDefinition } from "../../service/definition.ts";
import { addReflection } from "../../service/reflection.ts";
import type { PeerOptions, RunningPeer } from "./peer.ts";

export interface GrpcPeerOptions extends PeerOptions {
  /** What Execute answers: a message of success if left out, a reply, a status, or nothing until the caller gives up. */
  readonly answer?: (call: ReceivedCall) => Answer | Promise<Answer>;
  /** Whether ContainerExecutor is served at all; true if left out. */
  readonly executes?: boolean;
  /** What the health service says of the server as a whole, a number of ServingStatus; no health service if left out. */
  readonly health?: (asked: Pick<ReceivedCall, "metadata" | "from">) => number | GrpcFailure;
  /** What reflection describes; no reflection if left out. */
  readonly describes?: readonly DescFile[];
  /** Serves the older name of reflection only, as Python's grpcio-reflection does. */
  readonly onlyV1Alpha?: boolean;
  readonly credentials?: ServerCredentials;
}

export type Answer = { readonly success: boolean; readonly message: string } | GrpcFailure | "never";
export type GrpcFailure = Partial<ServiceError> & { readonly code: number };

/** A call of Execute as the server saw it. */
export interface ReceivedCall {
  readonly request: ExecuteRequest;
  readonly metadata: Metadata;
  /** The caller's end of the connection. */
  readonly from: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** Resolves when the caller has given the call up. */
  readonly cancelled: Promise<void>;
}

/** Counts only connections on which Execute was called. */
export interface GrpcPeer extends RunningPeer {
  readonly calls: readonly ReceivedCall[];
  /** Resolves when Execute is called for the first time. */
  readonly called: Promise<void>;
}

export async function startGrpcPeer(options: GrpcPeerOptions = {}): Promise<GrpcPeer> {
  const server = new Server({ "grpc.enable_channelz": 0 });
  const calls: ReceivedCall[] = [];
  const called = Promise.withResolvers<void>();
  if (options.executes !== false) {
    const execute: handleUnaryCall<ExecuteRequest, ExecuteResponse> = async (call, callback) => {
      const seen = readCall(call);
      calls.push(seen);
      called.resolve();
      const answer = (await options.answer?.(seen)) ?? { success: true, message: "done" };
      if (answer === "never") return;
      if ("code" in answer) callback(answer);
      else callback(null, create(ExecuteResponseSchema, answer));
    };
    server.addService(toServiceDefinition(ContainerExecutor), { Execute: execute });
  }
  const { health } = options;
  if (health !== undefined) {
    const check: handleUnaryCall<unknown, unknown> = (call, callback) => {
      const said = health({ metadata: call.metadata, from: call.getPeer() });
      if (typeof said === "object") callback(said);
      else callback(null, create(HealthCheckResponseSchema, { status: said as HealthCheckResponse_ServingStatus }));
    };
    const unimplemented: handleUnaryCall<unknown, unknown> = (_call, callback) =>
      callback({ code: status.UNIMPLEMENTED });
    server.addService(toServiceDefinition(Health), { Check: check, List: unimplemented, Watch: unimplemented });
  }
  if (options.describes !== undefined) {
    addReflection(server, options.describes);
    if (options.onlyV1Alpha === true) server.removeService(toServiceDefinition(ServerReflection));
  }
  const port = await bind(server, options);
  const host = options.host ?? "127.0.0.1";
  const close = async (): Promise<void> => server.forceShutdown();
  return {
    address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
    port,
    connections: () => new Set(calls.map((call) => call.from)).size,
    calls,
    called: called.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function readCall(call: ServerUnaryCall<ExecuteRequest, ExecuteResponse>): ReceivedCall {
  const cancelled = Promise.withResolvers<void>();
  call.on("cancelled", () => cancelled.resolve());
  const deadline = call.getDeadline();
  return {
    request: call.request,
    metadata: call.metadata,
    from: call.getPeer(),
    deadline: deadline instanceof Date ? deadline.getTime() : deadline,
    cancelled: cancelled.promise,
  };
}

function bind(server: Server, options: GrpcPeerOptions): Promise<AddressInfo["port"]> {
  const host = options.host ?? "127.0.0.1";
  const address = `${host.includes(":") ? `[${host}]` : host}:${options.port ?? 0}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, options.credentials ?? ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
