import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ContainerExecutor, type ExecuteResponse } from "../gen/energy_pipeline_pb.ts";
import { Health, type HealthCheckResponse, type HealthListResponse } from "../gen/health/v1/health_pb.ts";

/** A plain client of a pipeline service, for tests of services; none of Busbar's own is in it. */
export interface ServiceClient {
  /** Rejects with a grpc-js `ServiceError`. */
  execute(inputFile: string, outputFile: string, options?: CallOptions): Promise<ExecuteResponse>;
  check(service: string): Promise<HealthCheckResponse>;
  list(): Promise<HealthListResponse>;
  watch(service: string): ClientReadableStream<HealthCheckResponse>;
  close(): void;
}

export interface CallOptions {
  readonly metadata?: { readonly [key: string]: string };
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export function createServiceClient(address: string, channel = credentials.createInsecure()): ServiceClient {
  const client = new Client(address, channel, { "grpc.enable_http_proxy": 0 });

  const unary = <M extends DescMethod>(
    method: M,
    request: MessageInitShape<M["input"]>,
    options: CallOptions = {},
  ): Promise<MessageShape<M["output"]>> => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        pathOf(method),
        (message: MessageShape<M["input"]>) => Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, bytes) as MessageShape<M["output"]>,
        create(method.input, request) as MessageShape<M["input"]>,
        metadata,
        { deadline: Date.now() + (options.timeoutMs ?? 10_000) },
        (error: ServiceError | null, response?: MessageShape<M["output"]>) => {
          if (error === null && response !== undefined) resolve(response);
          else reject(error);
        },
      );
      options.signal?.addEventListener("abort", () => call.cancel(), { once: true });
    });
  };

  return {
    execute: (inputFile, outputFile, options) =>
      unary(ContainerExecutor.method.execute, { inputFile, outputFile }, options),
    check: (service) => unary(Health.method.check, { service }),
    list: () => unary(Health.method.list, {}),
    watch: (service) => {
      const method = Health.method.watch;
      return client.makeServerStreamRequest(
        pathOf(method),
        (message: MessageShape<typeof method.input>) => Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, bytes),
        create(method.input, { service }),
      );
    },
    close: () => client.close(),
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
