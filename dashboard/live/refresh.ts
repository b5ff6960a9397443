/** Does something again and again, as things change. */
export interface Refresh {
  /** Something has changed. */
  request(): void;
  /** Ends it: nothing is done any more. */
  stop(): void;
}

/**
 * Does `refresh` at once when something has changed, and then no more often than every `everyMs`, one at a time: however
 * much happens, the server is asked little. What fails is left to the next change: whoever is asked tells of it.
 *
 * @param mayNow whether anybody looks; what was requested meanwhile is done when `request` is called and somebody does
 */
export function createRefresh(refresh: () => Promise<void>, everyMs: number, mayNow = () => true): Refresh {
  let isWanted = false;
  let isBusy = false;
  let isStopped = false;

  async function run(): Promise<void> {
    if (isBusy || isStopped || !isWanted || !mayNow()) return;
    isBusy = true;
    isWanted = false;
    const pause = new Promise((resolve) => setTimeout(resolve, everyMs));
    await refresh().catch(() => undefined);
    await pause;
    isBusy = false;
    void run();
  }

  return {
    request() {
      isWanted = true;
      void run();
    },
    stop() {
      isStopped = true;
    },
  };
}
