import { useCallback, useEffect, useRef, useState } from "react";
import { createLoading, type Loading } from "./loading.ts";

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
 * @param ask as it was given last; its signal ends it when nobody waits any more
 */
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value?: T; readonly thrown?: unknown }>({
    key,
  });
  const current = useRef(ask);
  current.current = ask;
  const loading = useRef<Loading>(undefined);
  useEffect(() => {
    const made = createLoading(async (signal) => {
      try {
        const value = await current.current(signal);
        if (!signal.aborted) setAnswer({ key, value });
      } catch (thrown) {
        if (!signal.aborted) setAnswer((before) => ({ ...(before.key === key ? before : {}), key, thrown }));
      }
    });
    loading.current = made;
    made.request();
    return made.stop;
  }, [key]);
  const reload = useCallback(() => loading.current?.request(), []);
  return answer.key === key ? { ...answer, reload } : { reload };
}
