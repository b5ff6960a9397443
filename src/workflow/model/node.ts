import type { RetryPolicy } from "./retry.ts";

/** What every node has, whatever its kind. */
export interface NodeBase {
  readonly id: string;
  /** What performs it: the name of its kind. */
  readonly executor: string;
  /** For people. */
  readonly name?: string;
  /** Bounds one attempt. */
  readonly timeoutMs: number;
  /** Bounds all attempts and waits together. */
  readonly totalTimeoutMs?: number;
  readonly retry: RetryPolicy;
  /** What happens to an attempt whose outcome was not recorded: made again, or the node fails (E4). */
  readonly onLost: "retry" | "fail";
}
