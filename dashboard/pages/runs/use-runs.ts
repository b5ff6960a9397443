import { useCallback, useRef, useState } from "react";
import { api } from "../../api/api.ts";
import { useLoad } from "../../api/use-load.ts";
import { useFeedRefresh } from "../../live/use-feed-refresh.ts";
import { depthOf, PAGE, type RunPages, takeBeginning, takeNext } from "./run-pages.ts";
import { listQueryOf, type RunsPlace } from "./runs-place.ts";

/** The list of a place, kept as it is. */
export interface Runs {
  /** Undefined until it is there; meanwhile `isStale` says that it is that of the place before. */
  readonly pages?: RunPages;
  readonly isStale: boolean;
  readonly thrown?: unknown;
  readonly reload: () => void;
  /** Reads what follows below. */
  readonly readOn: () => Promise<void>;
}

export function useRuns(place: RunsPlace): Runs {
  const query = listQueryOf(place);
  const key = JSON.stringify(query);
  const [shown, setShown] = useState<{ readonly key: string; readonly pages: RunPages }>();
  const current = useRef(shown);
  current.current = shown;
  const asked = useRef(key);
  asked.current = key;

  const take = useCallback((of: string, change: (known: RunPages | undefined) => RunPages): void => {
    if (asked.current !== of) return;
    setShown((before) => ({ key: of, pages: change(before?.key === of ? before.pages : undefined) }));
  }, []);

  const { thrown, reload } = useLoad(key, async (signal) => {
    const fresh = await api.call("get", "/api/v1/runs", { query, signal });
    take(key, (known) => takeBeginning(known, fresh));
  });
  useFeedRefresh(async () => {
    // What could not be read is read as at first.
    if (thrown !== undefined) return reload();
    const known = current.current?.key === key ? current.current.pages : undefined;
    const limit = known === undefined ? PAGE : depthOf(known);
    const fresh = await api.call("get", "/api/v1/runs", { query: { ...query, limit } });
    take(key, (before) => takeBeginning(before, fresh));
  });
  const readOn = async (): Promise<void> => {
    const before = current.current?.pages.next;
    if (before === undefined) return;
    const page = await api.call("get", "/api/v1/runs", { query: { ...query, before } });
    take(key, (known) => (known === undefined ? page : takeNext(known, page)));
  };
  return {
    isStale: shown !== undefined && shown.key !== key,
    reload,
    readOn,
    ...(shown === undefined ? {} : { pages: shown.pages }),
    ...(thrown === undefined ? {} : { thrown }),
  };
}
