/** How often it is looked whether callers with open streams may still have them: revoked ones lose them within 5 s. */
const LOOK_MS = 2_000;

/** Watches over those who have something open. */
export interface Standing {
  /**
   * Aborts once `isGood` says no, or cannot say.
   * @param id of what the caller has shown; all its streams share one signal
   */
  follow(id: string, isGood: () => Promise<boolean>): AbortSignal;
  close(): void;
}

export function createStanding(lookMs: number = LOOK_MS): Standing {
  const followed = new Map<string, { readonly isGood: () => Promise<boolean>; readonly ended: AbortController }>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    for (const [id, { isGood, ended }] of [...followed]) {
      if (await isGood().catch(() => false)) continue;
      if (followed.get(id)?.ended === ended) followed.delete(id);
      ended.abort();
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
      followed.set(id, { isGood, ended });
      if (timer === undefined) schedule();
      return ended.signal;
    },
    close() {
      clearTimeout(timer);
      followed.clear();
    },
  };
}
