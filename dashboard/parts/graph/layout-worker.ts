// A program of its own: lays out large graphs beside the page, which stays fluid.
import { layOutGraph } from "../../model/graph-layout/layout.ts";
import type { GraphShape } from "../../model/graph-shape.ts";

addEventListener("message", ({ data }: MessageEvent<GraphShape>) => postMessage(layOutGraph(data)));
