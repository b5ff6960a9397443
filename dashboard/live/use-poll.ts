import { useEffect, useRef } from "react";

/** Calls `refresh` every so often while somebody looks, for what no feed tells of; and when the reader comes back. */
export function usePoll(refresh: () => void, everyMs: number): void {
  const current = useRef(refresh);
  current.current = refresh;
  useEffect(() => {
    const call = (): void => {
      if (document.visibilityState === "visible") current.current();
    };
    const timer = setInterval(call, everyMs);
    document.addEventListener("visibilitychange", call);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", call);
    };
  }, [everyMs]);
}
