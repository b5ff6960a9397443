import { err, ok, type Result } from "../../kernel/result.ts";
import { type CallRequest, cancelCall } from "./call.ts";
import type { Channel, StatusObject } from "./grpc-js.ts";

/** A stream of requests and answers: one answer a request, in order. */
export interface Dialogue {
  /** The next answer, or the status with which the peer ended the stream instead. */
  ask(message: Buffer): Promise<Result<Buffer, StatusObject>>;
  /** Ends it from our side. */
  end(): void;
}

export interface DialogueRequest extends Omit<CallRequest, "message" | "timeoutMs"> {
  /** When it ends at the latest, in milliseconds since 1970. */
  readonly deadline: number;
}

/** @param signal cancels the stream, and with it every answer still awaited */
export function openDialogue(channel: Channel, request: DialogueRequest, signal: AbortSignal): Dialogue {
  const waiting: ((answer: Result<Buffer, StatusObject>) => void)[] = [];
  let ended: StatusObject | undefined;
  const call = channel.createCall(request.path, request.deadline, null, null, null);
  const onAbort = (): void => cancelCall(call, "cancelled by Busbar");
  call.start(request.metadata, {
    onReceiveMetadata: () => undefined,
    onReceiveMessage: (bytes: Buffer) => waiting.shift()?.(ok(bytes)),
    onReceiveStatus(status) {
      ended = status;
      signal.removeEventListener("abort", onAbort);
      for (const answer of waiting.splice(0)) answer(err(status));
    },
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return {
    ask(message) {
      if (ended !== undefined) return Promise.resolve(err(ended));
      const answer = new Promise<Result<Buffer, StatusObject>>((resolve) => waiting.push(resolve));
      call.sendMessageWithContext({}, message);
      call.startRead();
      return answer;
    },
    end() {
      // A peer that does not end its side as well would keep the call open.
      if (ended === undefined) cancelCall(call, "nothing more to ask");
    },
  };
}
