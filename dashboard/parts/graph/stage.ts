// What is not React's: two canvases, one above the other, and the view on them. Edges seldom change and many states do:
// each has a canvas of its own, and each is drawn at most once a frame.
import type { NodeStatus } from "../../../src/engine/status.ts";
import type { GraphLayout, LaidNode } from "../../model/graph-layout/layout.ts";
import { clearCanvas, toGraphUnits } from "./canvas.ts";
import { areEdgesSeen, drawEdges, type EdgeDrawing, plainEdges, prepareEdges, standingOut } from "./draw-edges.ts";
import { drawMinimap } from "./draw-minimap.ts";
import { createNodeCanvas } from "./node-canvas.ts";
import { readPalette } from "./palette.ts";
import {
  contains,
  fitView,
  moveBy,
  overlaps,
  READABLE_SCALE,
  type Rect,
  revealNode,
  type Size,
  seenRect,
  showNode,
  type View,
  zoomAt,
} from "./view.ts";

/** The elements that the stage draws on and moves. */
export interface StageElements {
  readonly box: HTMLElement;
  readonly edges: HTMLCanvasElement;
  readonly nodes: HTMLCanvasElement;
  /** What holds the buttons, in the graph's coordinates. */
  readonly buttons: HTMLElement;
  readonly minimap: HTMLCanvasElement | null;
  /** The part of the minimap that is seen. */
  readonly frame: HTMLElement | null;
}

export interface Highlight {
  readonly selected: string | undefined;
  /** With all on the ways from and to it. */
  readonly related: ReadonlySet<string> | undefined;
}

export interface StageOptions {
  readonly elements: StageElements;
  readonly layout: GraphLayout;
  /** All nodes are buttons, also where they cannot be read. */
  readonly isSmall: boolean;
  readonly statusOf: (id: string) => NodeStatus;
  readonly highlight: Highlight;
  /** The nodes that are to be buttons; called when they change. */
  readonly onButtons: (nodes: readonly LaidNode[]) => void;
}

export interface Stage {
  setHighlight(highlight: Highlight): void;
  /** States have changed: `statusOf` says others. */
  statesChanged(): void;
  fit(): void;
  /** @param at in pixels of the box; its middle if not given */
  zoom(factor: number, at?: { readonly x: number; readonly y: number }): void;
  move(dx: number, dy: number): void;
  /** Brings a node to the middle and to a readable size. */
  show(id: string): void;
  /** Moves no more than it takes to see a node; with `isToBeRead` at a readable size. */
  reveal(id: string, isToBeRead?: boolean): void;
  /** Moves the view so that this part of the graph, from 0 to 1, is in the middle. */
  lookAt(x: number, y: number): void;
  nodeAt(point: { readonly x: number; readonly y: number }): LaidNode | undefined;
  close(): void;
}

/** A button is there a little before it comes into sight. In the graph's units. */
const AHEAD = 80;
/** How often the minimap follows what happens: it is looked at out of the corner of an eye. */
const MINIMAP_MS = 250;

/** Shows a layout in its box: all of it where that can be read, or else as `show` is told. */
export function createStage({ elements, layout, isSmall, statusOf, onButtons, ...rest }: StageOptions): Stage {
  const { box, edges, buttons, minimap, frame } = elements;
  const nodeCanvas = createNodeCanvas(elements.nodes, layout, statusOf);
  const { nodeWidth, nodeHeight } = layout.sizes;
  const byId = new Map(layout.nodes.map((node) => [node.id, node]));
  const allEdges = prepareEdges(layout, layout.edges);
  let { highlight } = rest;
  let relatedEdges = prepareRelated();
  let palette = readPalette(box);
  let size: Size = { width: box.clientWidth, height: box.clientHeight };
  let view = fitView(layout, size);
  /** Until the reader moves, the whole graph stays fitted when the box changes. */
  let isFitted = true;
  let shown: readonly LaidNode[] = [];
  let frameRequest: number | undefined;
  /** Whether more is to be drawn than states that have changed. */
  let isStale = true;
  let minimapTimer: number | undefined;

  const resized = new ResizeObserver(() => {
    const next = { width: box.clientWidth, height: box.clientHeight };
    if (next.width === size.width && next.height === size.height) return;
    const before = size;
    size = next;
    if (isFitted) view = fitOrShow();
    // What was in the middle stays there.
    else view = moveBy(view, (size.width - before.width) / 2, (size.height - before.height) / 2, layout, size);
    setView(view);
    draw();
  });
  resized.observe(box);
  const drawAnew = (): void => {
    palette = readPalette(box);
    isStale = true;
    requestDraw();
    drawMinimapNow();
  };
  const themed = new MutationObserver(drawAnew);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", drawAnew);
  /** On another screen, or zoomed: as many pixels as that one has. */
  const sharpened = (): void => {
    pixels.removeEventListener("change", sharpened);
    pixels = watchPixels(sharpened);
    drawAnew();
  };
  let pixels = watchPixels(sharpened);
  setView(view);
  draw();
  drawMinimapNow();

  return {
    setHighlight(next) {
      highlight = next;
      relatedEdges = prepareRelated();
      isStale = true;
      requestDraw();
    },
    statesChanged() {
      requestDraw();
      minimapTimer ??= window.setTimeout(drawMinimapNow, MINIMAP_MS);
    },
    fit() {
      isFitted = true;
      setView(fitView(layout, size));
    },
    zoom(factor, at = { x: size.width / 2, y: size.height / 2 }) {
      moveTo(zoomAt(view, factor, at, layout, size));
    },
    move(dx, dy) {
      moveTo(moveBy(view, dx, dy, layout, size));
    },
    show(id) {
      const node = byId.get(id);
      if (node !== undefined) moveTo(showNode(rectOf(node), size, view.scale));
    },
    reveal(id, isToBeRead = false) {
      const node = byId.get(id);
      if (node === undefined) return;
      if (isToBeRead && view.scale < READABLE_SCALE) moveTo(showNode(rectOf(node), size, view.scale));
      else if (!contains(seenRect(view, size), rectOf(node))) moveTo(revealNode(rectOf(node), view, size));
    },
    lookAt(x, y) {
      const { width, height } = seenRect(view, size);
      moveTo(
        moveBy({ ...view, x: x * layout.width - width / 2, y: y * layout.height - height / 2 }, 0, 0, layout, size),
      );
    },
    nodeAt({ x, y }) {
      const at = { x: view.x + x / view.scale, y: view.y + y / view.scale, width: 0, height: 0 };
      return layout.nodes.findLast((node) => contains(rectOf(node), at));
    },
    close() {
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", drawAnew);
      pixels.removeEventListener("change", sharpened);
      if (frameRequest !== undefined) cancelAnimationFrame(frameRequest);
      window.clearTimeout(minimapTimer);
    },
  };

  /** Where a small graph has too little room to be read as a whole, what is selected is seen instead. */
  function fitOrShow(): View {
    const fitted = fitView(layout, size);
    const node = isSmall && highlight.selected !== undefined ? byId.get(highlight.selected) : undefined;
    return node === undefined || fitted.scale >= READABLE_SCALE ? fitted : showNode(rectOf(node), size, fitted.scale);
  }

  function moveTo(next: View): void {
    isFitted = false;
    setView(next);
  }

  function setView(next: View): void {
    view = next;
    isStale = true;
    buttons.style.transform = `scale(${view.scale}) translate(${-view.x}px, ${-view.y}px)`;
    // Buttons that cannot be read give way to shapes.
    box.toggleAttribute("data-far", view.scale < READABLE_SCALE);
    placeFrame();
    chooseButtons();
    requestDraw();
  }

  /** Buttons need names that can be read; a small graph has few enough to have them always. */
  function chooseButtons(): void {
    const next = isSmall ? layout.nodes : view.scale < READABLE_SCALE ? [] : layout.nodes.filter(isNearSight());
    keepFocus(next);
    if (next.length === shown.length && next.every((node, index) => node === shown[index])) return;
    shown = next;
    onButtons(next);
  }

  /** A button that goes away hands the focus on to the graph, which arrows lead on from. */
  function keepFocus(next: readonly LaidNode[]): void {
    const { activeElement: focused } = document;
    if (!(focused instanceof HTMLElement) || !buttons.contains(focused)) return;
    if (!next.some(({ id }) => id === focused.dataset.node)) box.focus({ preventScroll: true });
  }

  function isNearSight(): (node: LaidNode) => boolean {
    const { x, y, width, height } = seenRect(view, size);
    const around = { x: x - AHEAD, y: y - AHEAD, width: width + 2 * AHEAD, height: height + 2 * AHEAD };
    return (node) => overlaps(rectOf(node), around);
  }

  function requestDraw(): void {
    frameRequest ??= requestAnimationFrame(draw);
  }

  function draw(): void {
    if (frameRequest !== undefined) cancelAnimationFrame(frameRequest);
    frameRequest = undefined;
    const { selected, related } = highlight;
    if (!isStale) {
      // What can be read is a button, and lies over what is drawn.
      if (view.scale < READABLE_SCALE) nodeCanvas.drawChanges();
      return;
    }
    isStale = false;
    drawEdgesNow();
    nodeCanvas.draw({ view, size, selected, related, palette });
  }

  function drawEdgesNow(): void {
    const context = clearCanvas(edges, size);
    if (context === null) return;
    toGraphUnits(context, view);
    const seen = seenRect(view, size);
    if (areEdgesSeen(view.scale))
      drawEdges(context, allEdges, plainEdges(palette, relatedEdges !== undefined), seen, view.scale);
    if (relatedEdges !== undefined) drawEdges(context, relatedEdges, standingOut(palette), seen, view.scale);
  }

  function drawMinimapNow(): void {
    window.clearTimeout(minimapTimer);
    minimapTimer = undefined;
    if (minimap === null) return;
    const mapSize = { width: minimap.clientWidth, height: minimap.clientHeight };
    const context = clearCanvas(minimap, mapSize);
    if (context !== null) drawMinimap(context, layout, statusOf, palette, mapSize);
  }

  function placeFrame(): void {
    if (frame === null || minimap?.parentElement == null) return;
    const { x, y, width, height } = seenRect(view, size);
    const [left, right] = [within(x / layout.width), within((x + width) / layout.width)];
    const [top, bottom] = [within(y / layout.height), within((y + height) / layout.height)];
    // Who sees all of it needs no map.
    minimap.parentElement.toggleAttribute("data-idle", right - left === 1 && bottom - top === 1);
    frame.style.left = `${left * 100}%`;
    frame.style.top = `${top * 100}%`;
    frame.style.width = `${(right - left) * 100}%`;
    frame.style.height = `${(bottom - top) * 100}%`;
  }

  function prepareRelated(): EdgeDrawing | undefined {
    const { related } = highlight;
    if (related === undefined) return undefined;
    return prepareEdges(
      layout,
      layout.edges.filter(({ from, to }) => related.has(from) && related.has(to)),
    );
  }

  function rectOf({ x, y }: LaidNode): Rect {
    return { x, y, width: nodeWidth, height: nodeHeight };
  }
}

/** Tells when a pixel of the page is no longer as many of the screen as now. */
function watchPixels(changed: () => void): MediaQueryList {
  const same = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  same.addEventListener("change", changed);
  return same;
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
