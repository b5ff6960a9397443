import { memo, type ReactNode } from "react";
import type { NodeStatus } from "../../../src/engine/status.ts";
import type { LaidNode } from "../../model/graph-layout/layout.ts";
import type { GraphSizes } from "../../model/graph-layout/sizes.ts";
import { StatusIcon } from "../status.tsx";

interface NodeButtonProps {
  readonly node: LaidNode;
  readonly sizes: GraphSizes;
  readonly status: NodeStatus;
  readonly detail: string | undefined;
  /** Room for the status as a word, under the name. */
  readonly isRoomy: boolean;
  readonly isSelected: boolean;
  readonly isPale: boolean;
  readonly onSelect: (id: string) => void;
}

/** A node that can be read: pressed, it is the selected one. */
export const NodeButton = memo(function NodeButton(props: NodeButtonProps): ReactNode {
  const { node, sizes, status, detail, isRoomy, isSelected, isPale, onSelect } = props;
  const words = detail ?? status;
  const classes = ["graph-node", `graph-${status}`, isSelected ? "graph-selected" : "", isPale ? "graph-pale" : ""];
  return (
    <button
      type="button"
      className={classes.filter((name) => name !== "").join(" ")}
      style={{ left: node.x, top: node.y, width: sizes.nodeWidth, height: sizes.nodeHeight }}
      // A small graph is gone through with Tab; a large one with the arrows.
      tabIndex={isRoomy ? 0 : -1}
      data-node={node.id}
      title={node.id}
      aria-label={`${node.id}, ${words}`}
      aria-pressed={isSelected}
      onClick={() => onSelect(node.id)}
    >
      <StatusIcon status={status} size={isRoomy ? 18 : 14} />
      <span className="graph-name">
        {node.id} {isRoomy ? <small>{words}</small> : null}
      </span>
    </button>
  );
});
