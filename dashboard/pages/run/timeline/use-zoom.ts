import { type RefObject, useEffect, useRef } from "react";
import { moveBy, type Span, zoomBy, zoomTo } from "./zoom.ts";

/** The part of the axis that is looked at, and what changes it. */
export interface Zoom {
  readonly view: Span;
  readonly isPart: boolean;
  nearer(): void;
  farther(): void;
  /** Shows a span with something around it, or all again. */
  toggle(span: Span): void;
  /** @param by in lengths of what is looked at */
  move(by: number): void;
}

/** The part that is looked at, and how it becomes another one; undefined is all. */
export interface ZoomPart {
  readonly part: Span | undefined;
  readonly setPart: (part: Span | undefined) => void;
}

const STEP = 3;

/**
 * @param part   what is looked at, where it is not all; it is the page's, as the slider below shows the same
 * @param middle what the reader is interested in: steps go towards it
 * @param lanes  the element on which a wheel with Ctrl zooms, and one that goes sideways moves
 */
export function useZoom(
  whole: Span,
  { part, setPart }: ZoomPart,
  middle: number,
  lanes: RefObject<HTMLElement | null>,
): Zoom {
  const view = part ?? whole;
  /** Around what is of interest, unless the reader has moved away from it. */
  const byStep = (factor: number): void => {
    const isSeen = middle >= view.from && middle <= view.until;
    const center = isSeen ? middle : (view.from + view.until) / 2;
    const half = (view.until - view.from) / 2;
    setPart(zoomBy({ from: center - half, until: center + half }, whole, factor, center));
  };
  const move = (lengths: number): void => {
    if (part !== undefined) setPart(moveBy(part, whole, lengths));
  };
  const wheel = useRef<(event: WheelEvent) => void>(undefined);
  wheel.current = (event) => {
    const axis =
      event.currentTarget instanceof HTMLElement ? event.currentTarget.querySelector(".timeline-lane") : null;
    const box = axis?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
      const pointed = view.from + share * (view.until - view.from);
      setPart(zoomBy(view, whole, Math.exp(event.deltaY / 200), pointed));
    } else if (part !== undefined && Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      move(sideways / box.width);
    }
  };
  // The page must not scroll or zoom then, which only a listener that is not passive can say.
  useEffect(() => {
    const element = lanes.current;
    const turn = (event: WheelEvent): void => wheel.current?.(event);
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, [lanes]);
  return {
    view,
    isPart: part !== undefined,
    nearer: () => byStep(1 / STEP),
    farther: () => byStep(STEP),
    toggle: (span) => setPart(part === undefined ? zoomTo(span, whole) : undefined),
    move,
  };
}
