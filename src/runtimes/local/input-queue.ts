import type { Input } from "../../engine/inputs.ts";

/** What has happened outside since the last turn of the driver. */
export interface InputQueue {
  put(input: Input): void;
  /** All of it, in order. */
  take(): readonly Input[];
  /** Resolves when there is something, at once if there is already, or when the queue closes. */
  arrival(): Promise<void>;
  /** Nobody waits any more. */
  close(): void;
  /** Aborts when the queue closes. */
  closed(): AbortSignal;
}

export function createInputQueue(): InputQueue {
  let inputs: Input[] = [];
  let isClosed = false;
  let waiting: (() => void)[] = [];
  /** Made when somebody asks: hardly any run ever stalls. */
  let closing: AbortController | undefined;
  const notify = (): void => {
    if (waiting.length === 0) return;
    const told = waiting;
    waiting = [];
    for (const tell of told) tell();
  };
  const whenNotified = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });
  return {
    put(input) {
      inputs.push(input);
      notify();
    },
    take() {
      const taken = inputs;
      inputs = [];
      return taken;
    },
    arrival: () => (inputs.length > 0 || isClosed ? Promise.resolve() : whenNotified()),
    close() {
      isClosed = true;
      closing?.abort();
      notify();
    },
    closed() {
      closing ??= new AbortController();
      if (isClosed) closing.abort();
      return closing.signal;
    },
  };
}
