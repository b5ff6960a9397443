import { memo, type ReactNode } from "react";

interface GraphToolsProps {
  readonly onFit: () => void;
  readonly onZoomIn: () => void;
  readonly onZoomOut: () => void;
}

/** The buttons in the corner of a graph. */
export const GraphTools = memo(function GraphTools({ onFit, onZoomIn, onZoomOut }: GraphToolsProps): ReactNode {
  return (
    <div className="graph-tools">
      <button type="button" className="button small" title="Show all of the graph" onClick={onFit}>
        Fit
      </button>
      <button type="button" className="button small" title="Zoom in" aria-label="Zoom in" onClick={onZoomIn}>
        +
      </button>
      <button type="button" className="button small" title="Zoom out" aria-label="Zoom out" onClick={onZoomOut}>
        −
      </button>
    </div>
  );
});
