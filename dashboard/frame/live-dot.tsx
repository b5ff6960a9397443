import { type ReactNode, useEffect, useRef } from "react";
import { askWhoIAm } from "../api/session.ts";
import { useLiveness } from "../live/use-feed.ts";

/** Whether what is shown follows what happens. */
export function LiveDot(): ReactNode {
  const { state, since } = useLiveness();
  const wasLost = useRef(false);
  useEffect(() => {
    // Its end may be that of the session; and what was asked while the server was away was not answered.
    if (state === "lost" || (state === "live" && wasLost.current)) void askWhoIAm();
    wasLost.current = state === "lost";
  }, [state]);
  return (
    <span className={`live-dot live-${state}`} role="status">
      <span>
        {state === "lost" ? "not live" : state}
        {since === undefined ? null : <span className="live-dot-since"> since {TIME.format(since)}</span>}
      </span>
    </span>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
