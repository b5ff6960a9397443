// Which part of the graph is seen, and how large. Pure: the stage holds the view, this says what the next one is.

/** The upper left corner in the graph's coordinates, and pixels for each of its units. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** From this scale on names can be read: nodes are buttons. */
export const READABLE_SCALE = 0.62;
const LARGEST_SCALE = 2.5;
const SMALLEST_SCALE = 0.02;
/** A small graph is not blown up. */
const FIT_AT_MOST = 1.15;
/** In pixels, around the graph when all of it is shown. */
const MARGIN = 16;
/** What the tools take of the box at its top, in pixels. */
const TOOLS = 44;
/** What is brought into view is at least this large. */
const SHOWN_SCALE = 0.9;

/** All of the graph, below the tools where it would reach up to them. */
export function fitView(graph: Size, box: Size): View {
  const whole = { x: 0, y: 0, ...graph };
  const scale = fittingScale(graph, box);
  if ((box.height - graph.height * scale) / 2 >= TOOLS) return centred(whole, scale, box);
  const below = { width: box.width, height: Math.max(1, box.height - TOOLS + MARGIN) };
  const view = centred(whole, fittingScale(graph, below), below);
  return { ...view, y: view.y - (box.height - below.height) / view.scale };
}

/** A node in the middle, at a size at which it can be read. */
export function showNode(node: Rect, box: Size, scale: number): View {
  return centred(node, Math.max(scale, SHOWN_SCALE), box);
}

/** Moved just so far that a node is in sight, with some room; to the middle where it was far out of it. */
export function revealNode(node: Rect, view: View, box: Size): View {
  const seen = seenRect(view, box);
  if (contains(seen, node)) return view;
  if (!overlaps(seen, node)) return centred(node, view.scale, box);
  const room = MARGIN / view.scale;
  return {
    scale: view.scale,
    x: Math.min(node.x - room, Math.max(view.x, node.x + node.width + room - seen.width)),
    y: Math.min(node.y - room, Math.max(view.y, node.y + node.height + room - seen.height)),
  };
}

/** Larger or smaller, with the point of the box under the pointer where it is. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }, graph: Size, box: Size): View {
  const smallest = Math.min(SMALLEST_SCALE, fittingScale(graph, box));
  const scale = Math.min(LARGEST_SCALE, Math.max(smallest, view.scale * factor));
  return { scale, x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale };
}

/** Moved by pixels of the box, as a hand moves paper; the graph cannot be pushed out of the box. */
export function moveBy(view: View, dx: number, dy: number, graph: Size, box: Size): View {
  return {
    scale: view.scale,
    x: keptWithin(view.x - dx / view.scale, graph.width, box.width / view.scale),
    y: keptWithin(view.y - dy / view.scale, graph.height, box.height / view.scale),
  };
}

/** What of the graph is seen. */
export function seenRect(view: View, box: Size): Rect {
  return { x: view.x, y: view.y, width: box.width / view.scale, height: box.height / view.scale };
}

export function overlaps(one: Rect, other: Rect): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function fittingScale(graph: Size, box: Size): number {
  if (graph.width === 0 || graph.height === 0) return 1;
  const width = Math.max(1, box.width - 2 * MARGIN);
  const height = Math.max(1, box.height - 2 * MARGIN);
  return Math.min(width / graph.width, height / graph.height, FIT_AT_MOST);
}

function centred(rect: Rect, scale: number, box: Size): View {
  return {
    scale,
    x: rect.x + rect.width / 2 - box.width / 2 / scale,
    y: rect.y + rect.height / 2 - box.height / 2 / scale,
  };
}

/** At least a quarter of the box, or of a graph that is smaller, stays. */
function keptWithin(start: number, length: number, seen: number): number {
  const kept = Math.min(length, seen) / 4;
  return Math.min(length - kept, Math.max(kept - seen, start));
}
