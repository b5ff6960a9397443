import { memo, type PointerEvent, type ReactNode, type Ref } from "react";
import type { GraphLayout } from "../../model/graph-layout/layout.ts";
import { minimapSize } from "./draw-minimap.ts";

interface GraphMinimapProps {
  readonly layout: GraphLayout;
  readonly canvas: Ref<HTMLCanvasElement>;
  readonly frame: Ref<HTMLDivElement>;
  /** @param x, y parts of the graph's width and height */
  readonly onLook: (x: number, y: number) => void;
}

const LARGEST = { width: 160, height: 90 };

/** All of a large graph in a corner, with a frame around what is seen; pressed, that is what is seen. */
export const GraphMinimap = memo(function GraphMinimap(props: GraphMinimapProps): ReactNode {
  const { layout, canvas, frame, onLook } = props;
  const look = (event: PointerEvent<HTMLElement>): void => {
    if (event.buttons !== 1) return;
    const map = event.currentTarget;
    const { left, top, width, height } = map.getBoundingClientRect();
    map.setPointerCapture(event.pointerId);
    onLook((event.clientX - left) / width, (event.clientY - top) / height);
  };
  return (
    <div
      className="graph-minimap"
      // What it does is done by keys in other ways.
      aria-hidden="true"
      style={minimapSize(layout, LARGEST)}
      onPointerDown={look}
      onPointerMove={look}
    >
      <canvas ref={canvas} className="graph-canvas" />
      <div ref={frame} className="graph-frame" />
    </div>
  );
});
