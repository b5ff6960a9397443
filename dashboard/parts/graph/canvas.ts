import type { Size, View } from "./view.ts";

/** An empty canvas with as many pixels as the screen shows of it; its context counts in pixels of the page. */
export function clearCanvas(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d");
  context?.setTransform(1, 0, 0, 1, 0, 0);
  context?.clearRect(0, 0, wide, high);
  context?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

/** From here on the context counts in the graph's units. */
export function toGraphUnits(context: CanvasRenderingContext2D, view: View): void {
  const scale = view.scale * devicePixelRatio;
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
}
