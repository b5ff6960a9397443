import type { ReactNode } from "react";
import type { ShownStatus } from "../model/shown-status.ts";
import "./status.css";

/** Each status has a shape of its own, for those who cannot tell the colours apart. */
const SHAPES: { readonly [status in ShownStatus]: ReactNode } = {
  succeeded: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.6 8.3l2.3 2.3 4.5-5" className="cut" />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" className="cut" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M6.4 4.9v6.2L11.4 8z" fill="currentColor" />
    </>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M8 4.4V8l2.6 1.7" className="line" />
    </>
  ),
  paused: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M6.3 5.4v5.2M9.7 5.4v5.2" className="line" />
    </>
  ),
  pending: <circle cx="8" cy="8" r="6" className="line" strokeDasharray="2.2 2.5" />,
  skipped: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M5 5.3L8 8l-3 2.7M8.4 5.3l3 2.7-3 2.7" className="line" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6.2" className="line" />
      <path d="M3.8 12.2l8.4-8.4" className="line" />
    </>
  ),
  interrupted: (
    <>
      <path d="M8 1.5l7 12.6H1z" fill="currentColor" />
      <path d="M8 6v4M8 11.6v1" className="cut" />
    </>
  ),
};

/** The shape alone, where the word stands beside it. */
export function StatusIcon({ status, size = 16 }: { readonly status: ShownStatus; readonly size?: number }): ReactNode {
  return (
    <svg className={`status-icon status-${status}`} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      {SHAPES[status]}
    </svg>
  );
}

/** Shape and word. */
export function Status({
  status,
  children,
}: {
  readonly status: ShownStatus;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <span className={`status status-${status}`}>
      <StatusIcon status={status} />
      {children ?? status}
    </span>
  );
}
