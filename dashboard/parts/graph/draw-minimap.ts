import type { NodeStatus } from "../../../src/engine/status.ts";
import type { GraphLayout } from "../../model/graph-layout/layout.ts";
import type { Palette } from "./palette.ts";
import type { Size } from "./view.ts";

/** What may not be overlooked is drawn last, over the others. */
const ORDER: readonly NodeStatus[] = ["pending", "skipped", "cancelled", "succeeded", "waiting", "running", "failed"];
const FAINT: ReadonlySet<NodeStatus> = new Set(["pending", "skipped"]);

/** In pixels: the graph's proportions within what the corner has room for. */
export function minimapSize({ width, height }: Size, largest: Size): Size {
  const scale = Math.min(largest.width / width, largest.height / height);
  return { width: Math.max(24, Math.round(width * scale)), height: Math.max(24, Math.round(height * scale)) };
}

/** All nodes as specks; onto a context whose unit is a pixel of the minimap. */
export function drawMinimap(
  context: CanvasRenderingContext2D,
  { nodes, sizes, width, height }: GraphLayout,
  statusOf: (id: string) => NodeStatus,
  palette: Palette,
  size: Size,
): void {
  const [scaleX, scaleY] = [size.width / width, size.height / height];
  const specks = new Map<NodeStatus, Path2D>(ORDER.map((status) => [status, new Path2D()]));
  for (const { id, x, y } of nodes) {
    const status = statusOf(id);
    // A failed node is seen however large the graph is.
    const least = status === "failed" ? 3 : 0.7;
    const [wide, high] = [Math.max(sizes.nodeWidth * scaleX, least), Math.max(sizes.nodeHeight * scaleY * 0.8, least)];
    specks.get(status)?.rect(x * scaleX, y * scaleY, wide, high);
  }
  context.clearRect(0, 0, size.width, size.height);
  for (const [status, path] of specks) {
    context.globalAlpha = FAINT.has(status) ? 0.4 : 1;
    context.fillStyle = palette.status[status];
    context.fill(path);
  }
  context.globalAlpha = 1;
}
