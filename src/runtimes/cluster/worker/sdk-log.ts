import type { LoggerTransport } from "@restatedev/restate-sdk";
import type { WorkerTools } from "./tools.ts";

/** What Restate's SDK says, for people. */
export interface SdkLog {
  readonly logger: LoggerTransport;
  /** From now on it is no news that connections end. */
  expectLosses(): void;
}

/** The SDK says at every start that nothing is signed; who starts a worker says so where it matters. */
const SAID_ELSEWHERE = /^Accepting requests without validating/;

/** How it says of each attempt and each drive on a connection that this is gone. */
const OF_LOSS = /Premature close|abort error from connection|stream has been destroyed|ERR_HTTP2|ECONNRESET/;
const LOSS = "a connection of Restate broke; what was under way on it goes on by another";

/** What is said again within this time is not told. */
const ONCE_WITHIN_MS = 10_000;

/** Warnings and errors alone, in one line each: their stacks are of the SDK's own code. */
export function createSdkLog({ clock, onTrouble }: Pick<WorkerTools, "clock" | "onTrouble">): SdkLog {
  const toldAt = new Map<string, number>();
  let expectsLosses = false;

  function tell(text: string): void {
    const nowMs = clock.monotonic();
    for (const [told, at] of toldAt) if (nowMs - at > ONCE_WITHIN_MS) toldAt.delete(told);
    if (toldAt.has(text)) return;
    toldAt.set(text, nowMs);
    onTrouble(new Error(text));
  }

  return {
    logger({ level }, message, ...rest) {
      if ((level !== "warn" && level !== "error") || SAID_ELSEWHERE.test(String(message))) return;
      const words = [message, ...rest].map((one) => (one instanceof Error ? one.message : String(one)));
      const text = words.map((one) => one.split("\n", 1)[0]).join(" ");
      if (!OF_LOSS.test(text)) tell(`Restate: ${text}`);
      else if (!expectsLosses) tell(LOSS);
    },
    expectLosses() {
      expectsLosses = true;
    },
  };
}
