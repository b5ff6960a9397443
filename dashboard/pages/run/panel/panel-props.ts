import type { NodeState, RunState } from "../../../../src/engine/state.ts";
import type { RunView } from "../../../api/shapes.ts";

/** What the panel of a node shows, and where it leads. */
export interface NodePanelProps {
  readonly run: RunView;
  readonly state: RunState;
  readonly nodeId: string;
  /** The instant that is shown, in milliseconds since the epoch. */
  readonly at: number;
  /** Of the past nothing is shown that came later. */
  readonly isPast: boolean;
  /** Another one whenever `state` has changed, which it does in place. */
  readonly revision: number;
  readonly onSelect: (nodeId: string) => void;
  readonly onClose: () => void;
}

/** What its tabs show: the panel's own, with the node. */
export interface PanelTabProps extends NodePanelProps {
  readonly node: NodeState;
  /** Leads to the log of an attempt; of the last one if left out. */
  readonly onShowLog: (attempt?: number) => void;
  /** Leads to what the node was given, and to what it has made. */
  readonly onShowData: () => void;
}
