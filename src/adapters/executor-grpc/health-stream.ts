import type { SharedChannel } from "../grpc-client/channels.ts";
import { Code } from "../grpc-client/status.ts";
import { HEALTH_REQUEST } from "./messages.ts";
import type { CallMetadata } from "./metadata.ts";

/** A service's own word of when its health changes (grpc.health.v1, Watch). */
export interface HealthStream {
  /** Waits for one more word, unless it does already: a service that never stops talking is not listened to faster. */
  listen(): void;
  /** No word will come any more: the stream has ended, and with it the connection maybe. */
  readonly hasEnded: boolean;
  /** The service has no such word to give. */
  readonly isRefused: boolean;
  /** Resolves when nothing of it is left. */
  cancel(): Promise<void>;
}

const WATCH_PATH = "/grpc.health.v1.Health/Watch";

/** What says that asking again would end alike. */
const REFUSALS: readonly number[] = [Code.UNIMPLEMENTED, Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.UNAUTHENTICATED];

/** @param onWord called with each word that was waited for (the first says what is so), and once there will be none */
export function openHealthStream(channel: SharedChannel, metadata: CallMetadata, onWord: () => void): HealthStream {
  const stream = channel.open(WATCH_PATH, { metadata });
  void stream.write(HEALTH_REQUEST);
  stream.finishWriting();
  let isListening = false;
  let hasEnded = false;
  let isRefused = false;

  async function hear(): Promise<void> {
    const word = await stream.read();
    if (word === undefined) {
      isRefused = REFUSALS.includes((await stream.end).code);
      hasEnded = true;
    }
    isListening = false;
    onWord();
  }

  return {
    listen() {
      if (isListening || hasEnded) return;
      isListening = true;
      void hear();
    },
    get hasEnded() {
      return hasEnded;
    },
    get isRefused() {
      return isRefused;
    },
    cancel: () => stream.cancel(),
  };
}
