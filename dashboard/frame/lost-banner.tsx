import { type ReactNode, useEffect, useState } from "react";
import { useStanding } from "../api/session.ts";
import { feed, useLiveness } from "../live/use-feed.ts";
import "./lost-banner.css";

/** What is made good within that time, as when a server is started anew, is no news. */
const PATIENCE_MS = 1_500;

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Says that what is shown may be out of date, and since when; who does not see it hears it from the live dot. */
export function LostBanner(): ReactNode {
  const { state, since } = useLiveness();
  const isLost = state === "lost";
  const isNobody = useStanding().kind === "nobody";
  const [isTold, setTold] = useState(false);
  useEffect(() => {
    if (!isLost) return;
    const timer = setTimeout(() => setTold(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setTold(false);
    };
  }, [isLost]);
  // Who has to sign in again is told that instead.
  if (!isLost || !isTold || isNobody) return null;
  return (
    <div className="lost-banner">
      <span>
        Not live since {TIME.format(since)}: the server does not answer. It is being tried again; meanwhile, what is
        shown may be out of date. If it has stopped, start it again with <code>busbar serve</code>: it goes on with its
        runs.
      </span>
      <button type="button" className="button small" onClick={feed.retry}>
        Try now
      </button>
    </div>
  );
}
