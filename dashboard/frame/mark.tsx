import type { ReactNode } from "react";

/** Two bars that everything is connected to. */
export function Mark(): ReactNode {
  return (
    <svg className="frame-icon" viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">
      <path d="M2 8.5h18M2 13.5h18M6.5 4v4.5M11 8.5V4M15.5 4v4.5M6.5 13.5V18M11 18v-4.5M15.5 13.5V18" />
    </svg>
  );
}
