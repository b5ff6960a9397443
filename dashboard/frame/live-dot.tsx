import { type ReactNode, useEffect } from "react";
import { askWhoIAm } from "../api/session.ts";
import type { Liveness } from "../live/feed.ts";
import { useLiveness } from "../live/use-feed.ts";

/** Whether what is shown follows what happens. */
export function LiveDot(): ReactNode {
  const liveness = useLiveness();
  const { state } = liveness;
  useEffect(() => {
    // Its end may be that of the session.
    if (state === "lost") void askWhoIAm();
  }, [state]);
  return (
    <span className={`live-dot live-${state}`} role="status">
      <span>{wordOf(liveness)}</span>
    </span>
  );
}

function wordOf({ state, since }: Liveness): string {
  if (state !== "lost") return state;
  return since === undefined ? "not live" : `not live since ${TIME.format(since)}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
