import { isDeepStrictEqual } from "node:util";
import type { Json } from "../kernel/json.ts";
import { kindOf } from "./kinds/kinds.ts";
import { requestOf, shownRequestOf } from "./node.ts";
import { describe, isRawObject, quote } from "./tree/raw.ts";
import type { Workflow } from "./workflow.ts";

/**
 * What a changed file changes in the upstream set, executor and request of some nodes. In a node that has succeeded
 * nothing of these may change (semantics.md, "Resume"). Both workflows are bound to the same run.
 * @returns for each node that changes, one sentence a difference
 */
export function diffNodes(
  before: Workflow,
  after: Workflow,
  ids: Iterable<string>,
): ReadonlyMap<string, readonly string[]> {
  const differences = new Map<string, readonly string[]>();
  const [old, now] = [positionsOf(before), positionsOf(after)];
  for (const id of ids) {
    const [oldPosition, position] = [old.get(id), now.get(id)];
    // A node that the old file does not have was added by the run itself.
    if (oldPosition === undefined) continue;
    const found =
      position === undefined
        ? [`${quote(id)} is no longer in the file`]
        : diffNode(before, oldPosition, after, position).map((what) => `${quote(id)}: ${what}`);
    if (found.length > 0) differences.set(id, found);
  }
  return differences;
}

function positionsOf(workflow: Workflow): ReadonlyMap<string, number> {
  return new Map(workflow.graph.ids.map((id, position) => [id, position]));
}

function diffNode(before: Workflow, oldPosition: number, after: Workflow, position: number): readonly string[] {
  const [old, now] = [before.nodes[oldPosition], after.nodes[position]];
  if (old === undefined || now === undefined) return [];
  const found: string[] = [];
  const [oldUpstream, upstream] = [upstreamOf(before, oldPosition), upstreamOf(after, position)];
  const added = [...upstream].filter((id) => !oldUpstream.has(id));
  const removed = [...oldUpstream].filter((id) => !upstream.has(id));
  if (added.length > 0) found.push(`it now depends on ${added.map(quote).join(", ")}`);
  if (removed.length > 0) found.push(`it no longer depends on ${removed.map(quote).join(", ")}`);
  if (old.executor !== now.executor) return [...found, `its executor was ${old.executor} and is now ${now.executor}`];
  const [oldRequest, request] = [requestOf(old), requestOf(now)];
  const [oldShown, nowShown] = [shownRequestOf(old, oldRequest), shownRequestOf(now, request)];
  const { permissions } = kindOf(now);
  for (const key of new Set([...Object.keys(oldRequest), ...Object.keys(request)])) {
    if (permissions?.includes(key) !== true)
      found.push(...diffValue(key, [oldRequest[key], oldShown[key]], [request[key], nowShown[key]]));
  }
  return found;
}

/** A value, and how it is shown. */
type Shown = readonly [value: Json | undefined, shown: Json | undefined];

function diffValue(key: string, [old, oldShown]: Shown, [now, nowShown]: Shown): readonly string[] {
  if (isDeepStrictEqual(old, now)) return [];
  if (!Array.isArray(old) || !Array.isArray(now)) {
    return [`its ${key} was ${shown(oldShown)} and is now ${shown(nowShown)}`];
  }
  const [before, after] = [old.map(shown), now.map(shown)];
  const gone = shownOf(oldShown).filter((_, index) => !after.includes(before[index] ?? ""));
  const added = shownOf(nowShown).filter((_, index) => !before.includes(after[index] ?? ""));
  const found: string[] = [];
  if (gone.length > 0) found.push(`its ${key} no longer have ${gone.join(", ")}`);
  if (added.length > 0) found.push(`its ${key} now have ${added.join(", ")}`);
  return found.length > 0 ? found : [`its ${key} stand in another order or number`];
}

function shownOf(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.map(shown) : [];
}

function upstreamOf(workflow: Workflow, position: number): ReadonlySet<string> {
  return new Set((workflow.graph.upstream[position] ?? []).map((from) => workflow.graph.ids[from] ?? ""));
}

function shown(value: unknown): string {
  if (value === undefined) return "not there";
  if (typeof value === "string") return quote(value);
  return isRawObject(value) ? quote(JSON.stringify(value)) : describe(value);
}
