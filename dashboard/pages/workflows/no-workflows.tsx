import type { ReactNode } from "react";

/** Where the server has no workflow: how it gets one. */
export function NoWorkflows(): ReactNode {
  return (
    <div className="card workflows-none">
      <h2>No workflows yet</h2>
      <p>
        The server offers the files of its workflows directory, which is <code>workflows</code> in its state directory
        unless it was started with <code>--workflows DIR</code>. A file put there is here a moment later.
      </p>
      <p>
        <code>busbar init</code> makes one to begin with.
      </p>
    </div>
  );
}
