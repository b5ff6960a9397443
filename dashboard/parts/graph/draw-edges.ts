import type { GraphLayout, LaidEdge } from "../../model/graph-layout/layout.ts";
import type { Palette } from "./palette.ts";
import { overlaps, type Rect } from "./view.ts";

/** Edges that lie close together: what is out of sight is not drawn. */
interface Bundle {
  readonly path: Path2D;
  readonly rect: Rect;
}

/** The edges of a layout, ready to be drawn. */
export interface EdgeDrawing {
  readonly bundles: readonly Bundle[];
}

/** Height of what goes into one bundle, in the graph's units; a bundle is as wide as what lies between two layers. */
const BAND = 1200;

/** More than any graph has: a column and a band make one number. */
const MANY_BANDS = 2 ** 20;

/** From so far away lines would be seen as nothing but a veil, which takes long to draw. */
const UNSEEN_SCALE = 0.05;

interface Growing {
  readonly path: Path2D;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Makes the curves once: a frame only strokes them. */
export function prepareEdges({ sizes }: GraphLayout, edges: readonly LaidEdge[]): EdgeDrawing {
  const step = sizes.nodeWidth + sizes.gapX;
  const growing = new Map<number, Growing>();
  for (const { points } of edges) {
    for (let at = 0; at + 3 < points.length; at += 2) {
      const x1 = points[at] ?? 0;
      const y1 = points[at + 1] ?? 0;
      const x2 = points[at + 2] ?? 0;
      const y2 = points[at + 3] ?? 0;
      const bundle = bundleOf(x1, Math.min(y1, y2));
      bundle.left = Math.min(bundle.left, x1, x2);
      bundle.right = Math.max(bundle.right, x1, x2);
      bundle.top = Math.min(bundle.top, y1, y2);
      bundle.bottom = Math.max(bundle.bottom, y1, y2);
      bundle.path.moveTo(x1, y1);
      const middle = (x1 + x2) / 2;
      if (y1 === y2) bundle.path.lineTo(x2, y2);
      else bundle.path.bezierCurveTo(middle, y1, middle, y2, x2, y2);
    }
  }
  return {
    bundles: [...growing.values()].map(({ path, left, top, right, bottom }) => ({
      path,
      // One more on each side: a level line has a height too.
      rect: { x: left - 1, y: top - 1, width: right - left + 2, height: bottom - top + 2 },
    })),
  };

  function bundleOf(x: number, y: number): Growing {
    const key = Math.floor(x / step) * MANY_BANDS + Math.floor(y / BAND);
    let bundle = growing.get(key);
    if (bundle === undefined) {
      const none = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
      bundle = { path: new Path2D(), ...none };
      growing.set(key, bundle);
    }
    return bundle;
  }
}

export interface EdgeLook {
  readonly colour: string;
  /** In pixels of the screen. */
  readonly width: number;
  readonly opacity: number;
}

/** Of all edges; paler where some are made to stand out. */
export function plainEdges(palette: Palette, someStandOut: boolean): EdgeLook {
  return { colour: palette.line, width: 1.2, opacity: someStandOut ? 0.4 : 0.75 };
}

/** Whether edges are to be seen at all at a scale. */
export function areEdgesSeen(scale: number): boolean {
  return scale >= UNSEEN_SCALE;
}

/** Of those on the ways from and to the selected node. */
export function standingOut(palette: Palette): EdgeLook {
  return { colour: palette.accent, width: 1.8, opacity: 1 };
}

/** Onto a context in the graph's coordinates. */
export function drawEdges(
  context: CanvasRenderingContext2D,
  { bundles }: EdgeDrawing,
  look: EdgeLook,
  seen: Rect,
  scale: number,
): void {
  context.strokeStyle = look.colour;
  // From far away lines get thinner, so that what they link is still seen.
  context.lineWidth = look.width / Math.max(scale, 0.35);
  context.globalAlpha = look.opacity;
  for (const { path, rect } of bundles) if (overlaps(rect, seen)) context.stroke(path);
  context.globalAlpha = 1;
}
