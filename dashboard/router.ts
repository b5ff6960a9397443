// Where the reader is, as the address says it. Addresses are the only state that pages share: one can be sent to
// somebody else, or come back to.
import { useMemo, useSyncExternalStore } from "react";

/** An address of the dashboard. */
export interface Place {
  /** Decoded parts of the path: `/runs/r1` is `["runs", "r1"]`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

const CHANGED = "busbar:moved";

/** Where the reader is now. */
export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => location.href);
  return useMemo(() => placeOf(new URL(href)), [href]);
}

/** @param to an address of the dashboard: `/runs/r1?node=a` */
export function goTo(to: string): void {
  history.pushState(null, "", to);
  dispatchEvent(new Event(CHANGED));
}

/** Changes the query in place, without a step for "back"; undefined takes a key out. */
export function setQuery(change: { readonly [key: string]: string | undefined }): void {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  }
  history.replaceState(null, "", url);
  dispatchEvent(new Event(CHANGED));
}

/** The address of a run's page. */
export function runPath(runId: string): string {
  return `/runs/${encodeURIComponent(runId)}`;
}

/** The address of a workflow's page. */
export function workflowPath(name: string): string {
  return `/workflows/${encodeURIComponent(name)}`;
}

export function placeOf(url: URL): Place {
  const path = url.pathname.split("/").filter((part) => part !== "");
  return { path: path.map(decode), query: url.searchParams };
}

/** What is no encoding of anything stands for itself: it leads nowhere, and says so. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(CHANGED, listener);
  };
}
