import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { quote } from "../tree/raw.ts";
import { MAX_DEPTH, mayBeReordered } from "./read-text.ts";
import { tooDeep, type YamlProblems } from "./yaml-problems.ts";

/** How many values all aliases together may stand for: a few lines of aliases of aliases can stand for billions. */
const MAX_ALIASED = 1_000_000;

/** A value, and what each alias of it adds to the file. */
interface BuiltValue {
  readonly value: unknown;
  /** How many values it is: itself and all within it. */
  readonly count: number;
  /** Levels of lists and objects; 0 for a scalar. */
  readonly height: number;
}

const NOTHING: BuiltValue = { value: null, count: 1, height: 0 };

/** The work on one document. */
interface Build {
  readonly problems: YamlProblems;
  /** What the anchors stand for; "open" while the value of one is being built. */
  readonly anchors: Map<string, BuiltValue | "open">;
  /** Keys and indexes that lead to the present place. */
  readonly path: (string | number)[];
  containerOrder: readonly string[] | undefined;
  /** Values that aliases have stood for so far. */
  aliased: number;
  /** `failed`: something is wrong, and the rest is read for more problems. `stopped`: nothing is read any more. */
  state: "going" | "failed" | "stopped";
}

/**
 * The plain value of a YAML document, as JSON would have it: keys are texts, objects have no prototype.
 * An alias is the same object as its anchor.
 * @returns undefined if it could not be made; duplicate keys alone do not prevent it
 */
export function buildTree(
  root: unknown,
  problems: YamlProblems,
): { readonly value: unknown; readonly containerOrder?: readonly string[] } | undefined {
  const work: Build = {
    problems,
    anchors: new Map(),
    path: [],
    containerOrder: undefined,
    aliased: 0,
    state: "going",
  };
  const { value } = build(work, isPair(root) ? null : root, 0);
  if (work.state !== "going") return undefined;
  return { value, ...(work.containerOrder === undefined ? {} : { containerOrder: work.containerOrder }) };
}

function fail(work: Build, message: string, span: readonly [number, number], remedy?: string): BuiltValue {
  if (work.state === "going") work.state = "failed";
  work.problems.add("WORKFLOW_SYNTAX", message, span, { remedy });
  return NOTHING;
}

function stopTooDeep(work: Build, offset: number): BuiltValue {
  work.state = "stopped";
  tooDeep(work.problems, offset);
  return NOTHING;
}

/** @param depth how many lists and objects the node is within */
function build(work: Build, node: unknown, depth: number): BuiltValue {
  if (work.state === "stopped") return NOTHING;
  if (isAlias(node)) return buildAlias(work, node, depth);
  if (!isScalar(node) && !isCollection(node)) return NOTHING;
  const [start] = spanOf(node);
  if (isCollection(node) && depth >= MAX_DEPTH) return stopTooDeep(work, start);
  if (node.tag !== undefined) {
    const remedy = "Leave it out; a text that reads as something else goes in quotes.";
    fail(work, `tags like ${quote(node.tag)} are not allowed`, [start, start + 1], remedy);
  }
  const { anchor } = node;
  if (anchor !== undefined) work.anchors.set(anchor, "open");
  const built = buildValue(work, node, depth);
  if (anchor !== undefined) work.anchors.set(anchor, built);
  return built;
}

function buildValue(work: Build, node: Node, depth: number): BuiltValue {
  if (isMap(node)) return buildMap(work, node, depth);
  if (isSeq(node)) return buildList(work, node, depth);
  return { ...NOTHING, value: isScalar(node) ? node.value : null };
}

function buildAlias(work: Build, node: Alias, depth: number): BuiltValue {
  const target = work.anchors.get(node.source);
  const span = spanOf(node);
  const name = quote(`*${node.source}`);
  if (target === undefined) return fail(work, `the alias ${name} has no anchor before it`, span);
  if (target === "open") return fail(work, `the alias ${name} stands within what it repeats`, span);
  work.aliased += target.count;
  if (work.aliased > MAX_ALIASED) {
    work.state = "stopped";
    work.problems.add("WORKFLOW_TOO_COSTLY", `aliases stand for more than ${MAX_ALIASED} values`, span);
    return NOTHING;
  }
  return depth + target.height > MAX_DEPTH ? stopTooDeep(work, span[0]) : target;
}

function buildList(work: Build, node: YAMLSeq, depth: number): BuiltValue {
  const list: unknown[] = [];
  let [count, height] = [1, 0];
  for (const item of node.items) {
    work.path.push(list.length);
    const built = build(work, item, depth + 1);
    work.path.pop();
    list.push(built.value);
    count += built.count;
    height = Math.max(height, built.height);
  }
  return { value: list, count, height: height + 1 };
}

function buildMap(work: Build, node: YAMLMap, depth: number): BuiltValue {
  const { path, problems } = work;
  const object = Object.create(null) as Record<string, unknown>;
  const keys = new Set<string>();
  let [count, height] = [1, 0];
  for (const pair of node.items) {
    const key = readKey(work, pair.key, depth);
    path.push(key);
    if (keys.has(key)) {
      problems.add("WORKFLOW_DUPLICATE_KEY", `the key ${quote(key)} stands twice`, spanOf(pair.key), {
        keyPath: [...path],
      });
    }
    keys.add(key);
    const built = build(work, pair.value, depth + 1);
    path.pop();
    object[key] = built.value;
    count += built.count;
    height = Math.max(height, built.height);
  }
  if (path.length === 1 && path[0] === "containers") {
    work.containerOrder = mayBeReordered(object) ? [...keys] : undefined;
  }
  return { value: object, count, height: height + 1 };
}

function readKey(work: Build, node: unknown, depth: number): string {
  const { value } = build(work, node, depth + 1);
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    fail(work, "a key is a text, not a list or an object", spanOf(node));
    return "";
  }
  return sourceOfKey(node, value);
}

/** A key as it is written: `10:` is the text "10", as in JSON. */
export function sourceOfKey(node: unknown, value: unknown): string {
  return isScalar(node) && node.source !== undefined ? node.source : String(value);
}

export function spanOf(node: unknown): readonly [start: number, end: number] {
  const range = isScalar(node) || isCollection(node) || isAlias(node) ? node.range : undefined;
  return range === undefined || range === null ? [0, 1] : [range[0], range[1]];
}
