import type { ErrorInfo } from "../../kernel/errors.ts";

/** Failures that the last lines have told with their messages: one that is told again is referred to by its code. */
export interface ToldFailures {
  add(nodeId: string, error: ErrorInfo): void;
  has(nodeId: string, error: ErrorInfo): boolean;
  /** What the run's own error repeats of the failure of a node, left out. */
  shorten(message: string): string;
}

/** So many are remembered. Of one that is further up, the message has to be told again: nobody would find it. */
const REMEMBERED = 10;

export function createToldFailures(): ToldFailures {
  let told: { readonly nodeId: string; readonly error: ErrorInfo }[] = [];
  const has = (nodeId: string, { code, message }: ErrorInfo): boolean =>
    told.some((one) => one.nodeId === nodeId && one.error.code === code && one.error.message === message);
  return {
    has,
    add(nodeId, error) {
      if (!has(nodeId, error)) told = [...told, { nodeId, error }].slice(-REMEMBERED);
    },
    shorten(message) {
      for (const { nodeId, error } of told) {
        const short = `${nodeId} failed: ${error.code}`;
        const long = `${short}: ${error.message}`;
        if (message.startsWith(long)) return `${short}${message.slice(long.length)}`;
      }
      return message;
    },
  };
}
