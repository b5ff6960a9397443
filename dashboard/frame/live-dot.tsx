import type { ReactNode } from "react";
import { useLiveness } from "../live/use-feed.ts";

const WORDS = { connecting: "connecting", live: "live", lost: "not live" } as const;

/** Whether what is shown follows what happens. */
export function LiveDot(): ReactNode {
  const { state } = useLiveness();
  return (
    <span className={`live-dot live-${state}`} role="status">
      {WORDS[state]}
    </span>
  );
}
