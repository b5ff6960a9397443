// Pointers and wheel as movements of the view: one finger or the mouse moves, two fingers zoom, the wheel zooms.

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What gestures come to; points and distances in pixels of the box. */
export interface GestureTarget {
  move(dx: number, dy: number): void;
  zoom(factor: number, at: Point): void;
  /** Pressed and let go in one place. */
  tap(at: Point): void;
}

/** A hand is not quite still while it clicks. */
const STILL = 4;
/** What a step of a wheel comes to; a wheel counts in pixels, lines or pages. */
const ZOOM_BY_PIXEL = 0.0015;
const PIXELS = [1, 16, 400];

/** @returns lets go of the box */
export function listenToGestures(box: HTMLElement, target: GestureTarget): () => void {
  const pointers = new Map<number, Point>();
  let travelled = 0;
  let most = 0;

  const at = (event: MouseEvent): Point => {
    const { left, top } = box.getBoundingClientRect();
    return { x: event.clientX - left - box.clientLeft, y: event.clientY - top - box.clientTop };
  };

  const press = (event: PointerEvent): void => {
    if (event.button !== 0 || isTool(event.target)) return;
    if (pointers.size === 0) {
      travelled = 0;
      most = 0;
    }
    pointers.set(event.pointerId, at(event));
    most = Math.max(most, pointers.size);
  };

  const drag = (event: PointerEvent): void => {
    // Let go where nobody told us: outside of the box, before it was a drag.
    if (event.buttons === 0) pointers.delete(event.pointerId);
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = at(event);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    // From then on it is no click: not of the node either on which it began.
    if (travelled > STILL && !box.hasPointerCapture(event.pointerId)) box.setPointerCapture(event.pointerId);
    if (other === undefined) {
      if (travelled > STILL) target.move(dx, dy);
      return;
    }
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    target.move(dx / 2, dy / 2);
    target.zoom(distance(now, other) / Math.max(1, distance(before, other)), middle);
  };

  const release = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    const isTap = event.type === "pointerup" && most === 1 && travelled <= STILL;
    if (isTap && !isNode(event.target)) target.tap(at(event));
  };

  const turn = (event: WheelEvent): void => {
    // Where the page scrolls, the wheel is the page's until the reader turns to the graph.
    if (!event.ctrlKey && !box.contains(document.activeElement) && isScrollable(box)) return;
    event.preventDefault();
    const unit = PIXELS[event.deltaMode] ?? 1;
    if (event.shiftKey && !event.ctrlKey) target.move(-event.deltaY * unit - event.deltaX * unit, 0);
    else target.zoom(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 4 : 1) * ZOOM_BY_PIXEL), at(event));
  };

  box.addEventListener("pointerdown", press);
  box.addEventListener("pointermove", drag);
  box.addEventListener("pointerup", release);
  box.addEventListener("pointercancel", release);
  box.addEventListener("wheel", turn, { passive: false });
  return () => {
    box.removeEventListener("pointerdown", press);
    box.removeEventListener("pointermove", drag);
    box.removeEventListener("pointerup", release);
    box.removeEventListener("pointercancel", release);
    box.removeEventListener("wheel", turn);
  };
}

/** What lies over the graph has clicks of its own. */
function isTool(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".graph-tools, .graph-find, .graph-minimap") !== null;
}

function isNode(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".graph-node") !== null;
}

function isScrollable(element: Element): boolean {
  for (let around = element.parentElement; around !== null; around = around.parentElement) {
    const { overflowY } = getComputedStyle(around);
    const scrolls = overflowY === "auto" || overflowY === "scroll" || around === document.documentElement;
    if (scrolls && around.scrollHeight > around.clientHeight + 1) return true;
  }
  return false;
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
