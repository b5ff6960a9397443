import { useEffect, useState } from "react";

const TICK_MS = 1_000;

/** The time of day in milliseconds since the epoch; it goes on every second while the run does. */
export function useRunClock(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
