import type { NodeStatus, RunStatus } from "../../engine/status.ts";
import type { Style } from "./style.ts";

const SYMBOLS: { readonly [status in NodeStatus]: string } = {
  pending: "·",
  running: "▸",
  waiting: "◦",
  succeeded: "✓",
  failed: "✗",
  skipped: "–",
  cancelled: "■",
};

export function symbolOf(status: NodeStatus): string {
  return SYMBOLS[status];
}

/** How a status is coloured, for runs and nodes alike. */
export function paintOf(status: NodeStatus | RunStatus, style: Style): (text: string) => string {
  switch (status) {
    case "succeeded":
      return style.green;
    case "failed":
      return style.red;
    case "running":
      return style.cyan;
    case "waiting":
    case "cancelled":
      return style.yellow;
    case "pending":
    case "skipped":
      return style.dim;
  }
}
