import { useEffect, useState } from "react";
import type { RunHistory } from "../../../model/run-history.ts";
import { setQuery } from "../../../router.ts";

/** Which instant of a run is shown. */
export interface Past {
  /** Whether it is another one than now. */
  readonly isPast: boolean;
  /** How many events are folded into what is shown, at least 1. */
  readonly count: number;
  /** How many there are. */
  readonly total: number;
  /** Shows the run as it stood after that many events; the last of them, or more, is now. */
  goTo(count: number): void;
  goToNow(): void;
}

/** Writing the address at every step of a drag would be more than browsers allow. */
const WRITE_MS = 300;

/** The instant is a part of the address: `?seq=6` shows somebody else the same. */
export function usePast({ events }: RunHistory): Past {
  const [wanted, setWanted] = useState(readSeq);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (readSeq() !== wanted) setQuery({ seq: wanted === undefined ? undefined : String(wanted) });
    }, WRITE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const total = events.length;
  const isPast = wanted !== undefined && wanted < total;
  const goTo = (count: number): void => setWanted(count >= total ? undefined : Math.max(1, count));
  return { isPast, count: isPast ? wanted : total, total, goTo, goToNow: () => setWanted(undefined) };
}

/** Events are numbered from 1 without a gap: that of the last one is how many are folded. */
function readSeq(): number | undefined {
  const seq = Number(new URLSearchParams(location.search).get("seq"));
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : undefined;
}
