import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { NodeStatus } from "../../../src/engine/status.ts";
import { useKey } from "../../document/keys.ts";
import type { GraphLayout, LaidNode } from "../../model/graph-layout/layout.ts";
import { isSmallGraph } from "../../model/graph-layout/sizes.ts";
import { type GraphShape, linksOf, relatedTo } from "../../model/graph-shape.ts";
import { type GraphStep, stepFrom } from "../../model/graph-steps.ts";
import "./graph.css";
import { listenToGestures } from "./gestures.ts";
import { GraphFind } from "./graph-find.tsx";
import { GraphMinimap } from "./graph-minimap.tsx";
import { GraphTools } from "./graph-tools.tsx";
import { NodeButton } from "./node-button.tsx";
import { createStage, type Stage } from "./stage.ts";
import { useLayout, useSteadyShape } from "./use-layout.ts";

/** What a page can ask of the graph that it shows. */
export interface GraphHandle {
  /** Brings a node to the middle, at a size at which it can be read. */
  show(id: string): void;
  /** Shows all of it. */
  fit(): void;
}

/** What is shown of a node; `detail` in place of the status, where there is room: "succeeded, 84 ms". */
export interface GraphNodeState {
  readonly status: NodeStatus;
  readonly detail?: string | undefined;
}

interface GraphProps {
  /** The same object for as long as nothing of it changes. */
  readonly shape: GraphShape;
  readonly stateOf: (id: string) => GraphNodeState;
  /** Another number when `stateOf` says something else. */
  readonly revision: number;
  readonly selected?: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
  /** What it is the graph of. */
  readonly label: string;
  readonly ref?: Ref<GraphHandle> | undefined;
}

const STEPS: { readonly [key: string]: GraphStep } = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const ZOOM_STEP = 1.4;

/** A graph in as much room as its parent has: fills it, moves, zooms, and shows the states of its nodes. */
export function Graph({ shape: given, ...props }: GraphProps): ReactNode {
  const shape = useSteadyShape(given);
  const layout = useLayout(shape);
  if (shape.ids.length === 0) return <p className="graph-note quiet">There are no nodes.</p>;
  if (layout === undefined) {
    return (
      <p className="graph-note quiet" role="status">
        Drawing {shape.ids.length.toLocaleString("en")} nodes…
      </p>
    );
  }
  return <LaidGraph shape={shape} layout={layout} {...props} />;
}

function LaidGraph(props: GraphProps & { readonly layout: GraphLayout }): ReactNode {
  const { shape, layout, stateOf, revision, selected, onSelect, label, ref } = props;
  const box = useRef<HTMLDivElement>(null);
  const edges = useRef<HTMLCanvasElement>(null);
  const nodes = useRef<HTMLCanvasElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  const minimap = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage>(undefined);
  const goesTo = useRef<string>(undefined);
  const [shown, setShown] = useState<readonly LaidNode[]>([]);
  const links = useMemo(() => linksOf(shape), [shape]);
  const isSmall = isSmallGraph(shape);
  const chosen = selected !== undefined && shape.ids.includes(selected) ? selected : undefined;
  const related = useMemo(() => (chosen === undefined ? undefined : relatedTo(links, chosen)), [links, chosen]);
  const highlight = useMemo(() => ({ selected: chosen, related }), [chosen, related]);
  // What the stage asks for while it draws, which is later than it is made.
  const latest = useRef({ stateOf, onSelect, highlight });
  latest.current = { stateOf, onSelect, highlight };

  // Each the same for good: what does not change is not rendered anew with every state.
  const fit = useCallback(() => stage.current?.fit(), []);
  const zoomIn = useCallback(() => stage.current?.zoom(ZOOM_STEP), []);
  const zoomOut = useCallback(() => stage.current?.zoom(1 / ZOOM_STEP), []);
  const look = useCallback((x: number, y: number) => stage.current?.lookAt(x, y), []);
  const statusOf = useCallback((id: string) => latest.current.stateOf(id).status, []);
  const find = useCallback((id: string) => {
    latest.current.onSelect(id);
    stage.current?.show(id);
  }, []);

  useLayoutEffect(() => {
    if (box.current === null || edges.current === null || nodes.current === null || buttons.current === null) return;
    const made = createStage({
      elements: {
        box: box.current,
        edges: edges.current,
        nodes: nodes.current,
        buttons: buttons.current,
        minimap: minimap.current,
        frame: frame.current,
      },
      layout,
      isSmall,
      statusOf,
      highlight: latest.current.highlight,
      onButtons: setShown,
    });
    stage.current = made;
    const first = latest.current.highlight.selected ?? firstToSee(layout, latest.current.stateOf);
    if (first !== undefined) made.reveal(first, true);
    const stopGestures = listenToGestures(box.current, {
      move: made.move,
      zoom: made.zoom,
      tap: (at) => latest.current.onSelect(made.nodeAt(at)?.id),
    });
    return () => {
      stopGestures();
      made.close();
      stage.current = undefined;
    };
  }, [layout, isSmall, statusOf]);
  useLayoutEffect(() => stage.current?.setHighlight(highlight), [highlight]);
  // Selected elsewhere on the page, too.
  useLayoutEffect(() => {
    if (chosen !== undefined) stage.current?.reveal(chosen);
  }, [chosen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number says that what the function answers is another
  useLayoutEffect(() => stage.current?.statesChanged(), [revision, stateOf]);
  useImperativeHandle(ref, () => ({
    show: (id) => stage.current?.show(id),
    fit: () => stage.current?.fit(),
  }));
  useKey("f", "show all of the graph", fit);
  useKey("+", "zoom into the graph", zoomIn);
  useKey("-", "zoom out of the graph", zoomOut);
  const select = useCallback((id: string) => latest.current.onSelect(id), []);

  /** A button out of sight that gets the focus comes into sight: by moving the view, not by scrolling the box. */
  const onFocus = (event: FocusEvent): void => {
    const id = event.target instanceof HTMLElement ? event.target.dataset.node : undefined;
    if (id === undefined || box.current === null) return;
    box.current.scrollTo(0, 0);
    if (event.target.matches(":focus-visible")) stage.current?.reveal(id, true);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    // From where the keys are, which may be another node than the one that was chosen.
    const focused = event.target instanceof HTMLElement ? event.target.dataset.node : undefined;
    const next = stepFrom(layout, links, focused ?? chosen, step);
    if (next === undefined) return;
    onSelect(next);
    stage.current?.reveal(next, true);
    goesTo.current = next;
  };

  // The button of the node that an arrow leads to may not be there before the view has moved.
  useEffect(() => {
    if (goesTo.current === undefined) return;
    const button = [...(buttons.current?.children ?? [])].find((one) => isButtonOf(one, goesTo.current));
    if (button === undefined) return;
    goesTo.current = undefined;
    button.focus({ preventScroll: true });
  });

  return (
    <div
      ref={box}
      className={`graph-box${isSmall ? " graph-small" : ""}`}
      role="application"
      aria-label={`${label}, ${shape.ids.length} nodes. Arrow keys follow the edges, f shows all, + and - zoom.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and gone through with keys
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
    >
      <div aria-hidden="true">
        <canvas ref={edges} className="graph-canvas" />
        <canvas ref={nodes} className="graph-canvas" />
      </div>
      <div ref={buttons} className="graph-buttons">
        {shown.map((node) => {
          const { status, detail } = stateOf(node.id);
          return (
            <NodeButton
              key={node.id}
              node={node}
              sizes={layout.sizes}
              status={status}
              detail={detail}
              isRoomy={isSmall}
              isSelected={node.id === chosen}
              isPale={related !== undefined && !related.has(node.id)}
              onSelect={select}
            />
          );
        })}
      </div>
      {isSmall ? null : <GraphFind ids={shape.ids} statusOf={statusOf} onFound={find} />}
      <GraphTools onFit={fit} onZoomIn={zoomIn} onZoomOut={zoomOut} />
      {isSmall ? null : <GraphMinimap layout={layout} canvas={minimap} frame={frame} onLook={look} />}
    </div>
  );
}

function isButtonOf(element: Element, id: string | undefined): element is HTMLElement {
  return element instanceof HTMLElement && element.dataset.node === id;
}

/** Where a reader looks first: what failed, or else what goes on. */
function firstToSee({ nodes }: GraphLayout, stateOf: (id: string) => GraphNodeState): string | undefined {
  for (const wanted of ["failed", "running", "waiting"]) {
    const found = nodes.find(({ id }) => stateOf(id).status === wanted);
    if (found !== undefined) return found.id;
  }
  return undefined;
}
