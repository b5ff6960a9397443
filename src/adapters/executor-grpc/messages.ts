// The messages of a call and of its errors (contracts: proto/energy_pipeline.proto, grpc.health.v1, google.rpc).
import { CONTRACT } from "./contract.ts";
import { bool, bytes, int32, int64, readFields, text, writeTexts } from "./wire.ts";

/** `ExecuteRequest`, with the paths exactly as they read. */
export function encodeExecuteRequest(inputFile: string, outputFile: string): Buffer {
  return writeTexts([1, inputFile], [2, outputFile]);
}

/** `ExecuteResponse`; what is not in the bytes is left out. */
export interface ExecuteReply {
  success?: boolean;
  message?: string;
}

/**
 * @throws Error on bytes that are no protobuf message, or whose fields are not the contract's: whoever answers with a
 * text in the place of `success` has another contract, and means something else than `success = false`
 */
export function decodeExecuteResponse(message: Uint8Array): ExecuteReply {
  const reply: ExecuteReply = {};
  readFields(
    message,
    {
      1: bool((value) => {
        reply.success = value;
      }),
      2: text((value) => {
        reply.message = value;
      }),
    },
    (number) => {
      const field = CONTRACT.response.find((one) => one.number === number);
      throw new Error(`its field ${number} is not the ${field?.type} ${field?.name} of the contract`);
    },
  );
  return reply;
}

/** `HealthCheckRequest` for the server as a whole. */
export const HEALTH_REQUEST: Buffer = Buffer.alloc(0);

/** `HealthCheckResponse.ServingStatus`; a number that health.proto does not have is given as it is. */
export function decodeHealthStatus(message: Uint8Array): string {
  let status = 0;
  readFields(message, {
    1: int32((value) => {
      status = value;
    }),
  });
  return ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"][status] ?? String(status);
}

/**
 * The wait that a `google.rpc.Status` asks for in a `google.rpc.RetryInfo`, in milliseconds.
 * @returns undefined if there is none, or the bytes make no sense
 */
export function decodeRetryInfo(status: Uint8Array): number | undefined {
  let delayMs: number | undefined;
  const readDetail = (any: Uint8Array): void => {
    let type = "";
    let value: Uint8Array = new Uint8Array();
    readFields(any, {
      1: text((url) => {
        type = url;
      }),
      2: bytes((data) => {
        value = data;
      }),
    });
    if (!type.endsWith("/google.rpc.RetryInfo")) return;
    readFields(value, {
      1: bytes((duration) => {
        delayMs = decodeDuration(duration);
      }),
    });
  };
  try {
    readFields(status, { 3: bytes(readDetail) });
  } catch {
    return undefined;
  }
  return delayMs;
}

/** `google.protobuf.Duration` in milliseconds. */
function decodeDuration(message: Uint8Array): number {
  let ms = 0;
  readFields(message, {
    1: int64((seconds) => {
      ms += seconds * 1000;
    }),
    2: int32((nanos) => {
      ms += nanos / 1_000_000;
    }),
  });
  return ms;
}
