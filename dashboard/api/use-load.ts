import { useCallback, useEffect, useState } from "react";

/** Something that is asked of the server. */
export interface Loaded<T> {
  /** Undefined until it is there. What was there stays while it is asked for anew. */
  readonly value?: T;
  /** Why it is not there. */
  readonly thrown?: unknown;
  /** Asks anew. */
  readonly reload: () => void;
}

/**
 * Asks once, and again whenever `key` changes or `reload` is called.
 * @param ask is given the signal that ends it when nobody waits any more
 */
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value?: T; readonly thrown?: unknown }>({
    key,
  });
  const [times, setTimes] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is told by `key`
  useEffect(() => {
    const gone = new AbortController();
    ask(gone.signal).then(
      (value) => {
        if (!gone.signal.aborted) setAnswer({ key, value });
      },
      (thrown: unknown) => {
        if (!gone.signal.aborted) setAnswer((before) => ({ ...(before.key === key ? before : {}), key, thrown }));
      },
    );
    return () => gone.abort();
  }, [key, times]);
  const reload = useCallback(() => setTimes((before) => before + 1), []);
  return answer.key === key ? { ...answer, reload } : { reload };
}
