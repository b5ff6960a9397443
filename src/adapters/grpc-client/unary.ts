import { type CallContext, type CallEnd, type CallOptions, startCall } from "./call.ts";
import { endOfFault } from "./exchange.ts";
import { frameMessage } from "./framing.ts";
import { Code } from "./status.ts";

export interface UnaryResult extends CallEnd {
  /** What came before the status, also before one that is not OK. With OK there is always one. */
  readonly reply?: Uint8Array;
}

/** One message there and one back. Never rejects. */
export function callUnary(
  context: CallContext,
  path: string,
  request: Uint8Array,
  options: CallOptions,
): Promise<UnaryResult> {
  const limit = options.maxMessageBytes;
  if (limit !== undefined && request.length > limit) {
    const fault = { kind: "messageTooLarge", of: "request", bytes: request.length, limit } as const;
    return Promise.resolve({ ...endOfFault(Code.RESOURCE_EXHAUSTED, fault), sent: false });
  }
  return new Promise((resolve) => {
    let reply: Uint8Array | undefined;
    let isSeveral = false;
    startCall(context, path, frameMessage(request), options, {
      onMessage(message) {
        isSeveral = reply !== undefined;
        reply ??= message;
      },
      onEnd(end) {
        if (end.code === Code.OK && (reply === undefined || isSeveral)) {
          const messages = isSeveral ? "several" : "none";
          resolve({ ...end, code: Code.INTERNAL, fault: { kind: "messageCount", messages } });
        } else {
          resolve(reply === undefined ? end : { ...end, reply });
        }
      },
    });
  });
}
