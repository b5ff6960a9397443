import type { ErrorInfo } from "../../kernel/errors.ts";

/** Failures that the last lines have told with their messages: one that is told again is referred to by its code. */
export interface ToldFailures {
  /** To be called for each line, whatever it tells. */
  nextLine(): void;
  add(nodeId: string, error: ErrorInfo): void;
  has(nodeId: string, error: ErrorInfo): boolean;
  /** What the run's own error repeats of the failure of a node, left out. */
  shorten(message: string): string;
}

interface Told {
  readonly line: number;
  readonly nodeId: string;
  readonly error: ErrorInfo;
}

/** What is further up has to be told again: nobody would find it. */
const NEAR_LINES = 30;

export function createToldFailures(): ToldFailures {
  let told: readonly Told[] = [];
  let line = 0;
  const near = (): readonly Told[] => told.filter((one) => line - one.line < NEAR_LINES);
  const has = (nodeId: string, { code, message }: ErrorInfo): boolean =>
    near().some((one) => one.nodeId === nodeId && one.error.code === code && one.error.message === message);
  return {
    nextLine() {
      line += 1;
    },
    has,
    add(nodeId, error) {
      if (!has(nodeId, error)) told = [...near(), { line, nodeId, error }];
    },
    shorten(message) {
      for (const { nodeId, error } of near()) {
        const short = `${nodeId} failed: ${error.code}`;
        const long = `${short}: ${error.message}`;
        if (message.startsWith(long)) return `${short}${message.slice(long.length)}`;
      }
      return message;
    },
  };
}
