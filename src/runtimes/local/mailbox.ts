/** What has happened outside since the last turn of the driver: outcomes, timers, requests. */
export interface Mailbox {
  /** @param work what the driver is to do about it, in its next turn */
  post(work: () => void): void;
  /** Does everything that was posted, in order. */
  open(): void;
  /** Resolves when there is something, at once if there is already. */
  arrival(): Promise<void>;
}

export function createMailbox(): Mailbox {
  let posted: (() => void)[] = [];
  let wake: (() => void) | undefined;
  return {
    post(work) {
      posted.push(work);
      wake?.();
    },
    open() {
      const works = posted;
      posted = [];
      for (const work of works) work();
    },
    arrival() {
      if (posted.length > 0) return Promise.resolve();
      return new Promise((resolve) => {
        wake = () => {
          wake = undefined;
          resolve();
        };
      });
    },
  };
}
