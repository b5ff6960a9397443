/** Asks for one thing, one question at a time. */
export interface Loading {
  /** Asks; where it is being asked, once more after that, for the answer may be older than what is wanted. */
  request(): void;
  /** Ends it: nobody waits any more. */
  stop(): void;
}

/** An answer that has not come by then comes no more: the connection may be dead. */
const DEAD_MS = 40_000;

/**
 * A question that is wanted again does not end the one under way: where a server takes longer to answer than things take
 * to change, there would never be an answer.
 * @param ask tells of its answer itself, and of what is thrown; its signal ends it
 */
export function createLoading(ask: (signal: AbortSignal) => Promise<void>, now = () => performance.now()): Loading {
  let asking: AbortController | undefined;
  let askedAt = 0;
  let isWanted = false;
  let isStopped = false;

  async function run(): Promise<void> {
    if (isStopped) return;
    if (asking !== undefined && now() - askedAt < DEAD_MS) {
      isWanted = true;
      return;
    }
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    askedAt = now();
    isWanted = false;
    await ask(mine.signal).catch(() => undefined);
    if (asking !== mine) return;
    asking = undefined;
    if (isWanted) void run();
  }

  return {
    request: () => void run(),
    stop() {
      isStopped = true;
      asking?.abort();
    },
  };
}
