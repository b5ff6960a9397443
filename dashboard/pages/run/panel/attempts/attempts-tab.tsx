import type { ReactNode } from "react";
import type { PanelTabProps } from "../node-panel.tsx";
import { AttemptsTable } from "./attempts-table.tsx";

/** Every attempt of a node, with what was wrong with it. */
export function AttemptsTab({ state, node, at }: PanelTabProps): ReactNode {
  if (node.attempts.length === 0) return <p className="panel-none">No attempt has been made yet.</p>;
  return <AttemptsTable state={state} attempts={node.attempts} at={at} />;
}
