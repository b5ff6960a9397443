import { type ReactNode, useState } from "react";

interface NodeLinkProps {
  readonly id: string;
  readonly onSelect: (nodeId: string) => void;
}

/** Leads to another node of the run. */
export function NodeLink({ id, onSelect }: NodeLinkProps): ReactNode {
  return (
    <button type="button" className="panel-link" onClick={() => onSelect(id)}>
      {id}
    </button>
  );
}

interface NodeLinksProps {
  readonly ids: readonly string[];
  /** Said where there are no nodes. */
  readonly none: string;
  readonly onSelect: (nodeId: string) => void;
}

/** Of many nodes the first ones stand there until all are asked for. */
const FEW = 6;

/** Leads to each of several nodes. */
export function NodeLinks({ ids, none, onSelect }: NodeLinksProps): ReactNode {
  const [isAll, setIsAll] = useState(false);
  if (ids.length === 0) return none;
  const shown = isAll || ids.length <= FEW + 1 ? ids : ids.slice(0, FEW);
  return (
    <span className="panel-links">
      {shown.map((id) => (
        <NodeLink key={id} id={id} onSelect={onSelect} />
      ))}
      {shown.length === ids.length ? null : (
        <button type="button" className="button small" onClick={() => setIsAll(true)}>
          and {ids.length - shown.length} more
        </button>
      )}
    </span>
  );
}
