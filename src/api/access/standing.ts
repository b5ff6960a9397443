/** How often it is looked whether callers with open streams may still have them: revoked ones lose them within 5 s. */
const LOOK_MS = 2_000;

/** Watches over those who have something open. */
export interface Standing {
  /**
   * Aborts once `isGood` says no, or cannot say twice in a row: a journal may be busy for a moment.
   * @param id of what the caller has shown; all its streams share one signal
   */
  follow(id: string, isGood: () => Promise<boolean>): AbortSignal;
  close(): void;
}

/** Who has something open. */
interface Followed {
  readonly isGood: () => Promise<boolean>;
  readonly ended: AbortController;
  /** The last look could not say. */
  isUnknown: boolean;
}

async function mayStay(one: Followed): Promise<boolean> {
  const isGood = await one.isGood().catch(() => undefined);
  const mayBe = isGood ?? !one.isUnknown;
  one.isUnknown = isGood === undefined;
  return mayBe;
}

export function createStanding(lookMs: number = LOOK_MS): Standing {
  const followed = new Map<string, Followed>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    for (const [id, one] of [...followed]) {
      if (await mayStay(one)) continue;
      if (followed.get(id) === one) followed.delete(id);
      one.ended.abort();
    }
    timer = undefined;
    if (followed.size > 0) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void look(), lookMs);
    timer.unref();
  }

  return {
    follow(id, isGood) {
      const known = followed.get(id);
      if (known !== undefined) return known.ended.signal;
      const ended = new AbortController();
      followed.set(id, { isGood, ended, isUnknown: false });
      if (timer === undefined) schedule();
      return ended.signal;
    },
    close() {
      clearTimeout(timer);
      followed.clear();
    },
  };
}
