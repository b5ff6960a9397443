import { useSyncExternalStore } from "react";

/** As in run-page.css. */
const narrow = typeof matchMedia === "undefined" ? undefined : matchMedia("(max-width: 900px)");

/** Whether there is one column only: then what failed and why comes before the graph, for eyes and keys alike. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow?.addEventListener("change", listener);
      return () => narrow?.removeEventListener("change", listener);
    },
    () => narrow?.matches === true,
  );
}
