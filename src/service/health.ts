// grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { handleServerStreamingCall, handleUnaryCall, Server, ServerWritableStream } from "@grpc/grpc-js";
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  type HealthListRequest,
  type HealthListResponse,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../gen/health/v1/health_pb.ts";
import { toServiceDefinition } from "./definition.ts";
import { toStatus } from "./trailers.ts";

export interface HealthControl {
  /** Sets every service name, and tells those who watch. */
  setServing(serving: boolean): void;
  /** NOT_SERVING for good; ends the streams of those who watch. */
  shutDown(): void;
}

/** @param names the services that have a health; the empty name is the server as a whole */
export function addHealth(server: Server, names: readonly string[]): HealthControl {
  const watchers = new Set<ServerWritableStream<HealthCheckRequest, HealthCheckResponse>>();
  let current: ServingStatus = ServingStatus.SERVING;
  let ended = false;
  const of = (value: ServingStatus) => create(HealthCheckResponseSchema, { status: value });

  const check: handleUnaryCall<HealthCheckRequest, HealthCheckResponse> = (call, callback) => {
    if (names.includes(call.request.service)) callback(null, of(current));
    else callback(toStatus({ name: "NOT_FOUND", details: `no service is named "${call.request.service}" here` }));
  };
  const watch: handleServerStreamingCall<HealthCheckRequest, HealthCheckResponse> = (call) => {
    const known = names.includes(call.request.service);
    call.write(of(known ? current : ServingStatus.SERVICE_UNKNOWN));
    if (ended) {
      call.end();
      return;
    }
    // Names never change, so an unknown one has nothing more to hear; its stream stays open, as the protocol says.
    watchers.add(call);
    call.on("cancelled", () => watchers.delete(call));
  };
  const list: handleUnaryCall<HealthListRequest, HealthListResponse> = (_call, callback) => {
    const statuses: MessageInitShape<typeof HealthListResponseSchema>["statuses"] = Object.fromEntries(
      names.map((name) => [name, of(current)]),
    );
    callback(null, create(HealthListResponseSchema, { statuses }));
  };
  server.addService(toServiceDefinition(Health), { Check: check, Watch: watch, List: list });

  const set = (next: ServingStatus) => {
    if (next === current) return;
    current = next;
    for (const call of watchers) if (names.includes(call.request.service)) call.write(of(current));
  };
  return {
    setServing(serving) {
      if (!ended) set(serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    },
    shutDown() {
      set(ServingStatus.NOT_SERVING);
      ended = true;
      for (const call of watchers) call.end();
      watchers.clear();
    },
  };
}
