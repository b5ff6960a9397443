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

/** Values that aliases may stand for in all. A few lines of aliases of aliases would be billions. */
const MAX_ALIASED = 1_000_000;

/** A value, with what each alias of it adds to the file. */
interface Built {
  readonly value: unknown;
  /** It and all within it. */
  readonly values: number;
  /** Lists and objects within each other; 0 for a scalar. */
  readonly height: number;
}

const NOTHING: Built = { value: null, values: 1, height: 0 };

/**
 * The plain value of a YAML document, as JSON would have it: keys are texts, objects have no prototype.
 * An alias is the same object as its anchor.
 * @returns undefined if it could not be made; duplicate keys alone do not prevent it
 */
export function buildTree(
  root: unknown,
  problems: YamlProblems,
): { readonly value: unknown; readonly containerOrder?: readonly string[] } | undefined {
  const anchors = new Map<string, Built | "open">();
  const path: (string | number)[] = [];
  let containerOrder: readonly string[] | undefined;
  let aliased = 0;
  let failed = false;
  /** After one of these nothing is built any more. */
  let stopped = false;

  const fail = (message: string, span: readonly [number, number]): Built => {
    failed = true;
    problems.add("WORKFLOW_SYNTAX", message, span);
    return NOTHING;
  };
  const stop = (report: () => void): Built => {
    stopped = true;
    report();
    return NOTHING;
  };

  /** @param depth lists and objects around the node */
  const build = (node: unknown, depth: number): Built => {
    if (stopped) return NOTHING;
    if (isAlias(node)) return buildAlias(node, depth);
    if (!isScalar(node) && !isCollection(node)) return NOTHING;
    const [start] = spanOf(node);
    if (isCollection(node) && depth >= MAX_DEPTH) return stop(() => tooDeep(problems, start));
    if (node.tag !== undefined) fail(`tags like ${quote(node.tag)} are not allowed`, [start, start + 1]);
    const { anchor } = node;
    if (anchor !== undefined) anchors.set(anchor, "open");
    const built = buildBare(node, depth);
    if (anchor !== undefined) anchors.set(anchor, built);
    return built;
  };

  const buildBare = (node: Node, depth: number): Built => {
    if (isMap(node)) return buildMap(node, depth);
    if (isSeq(node)) return buildList(node, depth);
    return { ...NOTHING, value: isScalar(node) ? node.value : null };
  };

  const buildAlias = (node: Alias, depth: number): Built => {
    const target = anchors.get(node.source);
    const span = spanOf(node);
    const name = quote(`*${node.source}`);
    if (target === undefined) return fail(`the alias ${name} has no anchor before it`, span);
    if (target === "open") return fail(`the alias ${name} stands within what it repeats`, span);
    aliased += target.values;
    if (aliased > MAX_ALIASED) {
      const message = `aliases stand for more than ${MAX_ALIASED} values`;
      return stop(() => problems.add("WORKFLOW_TOO_COSTLY", message, span));
    }
    return depth + target.height > MAX_DEPTH ? stop(() => tooDeep(problems, span[0])) : target;
  };

  const buildList = (node: YAMLSeq, depth: number): Built => {
    const list: unknown[] = [];
    let [values, height] = [1, 0];
    for (const item of node.items) {
      path.push(list.length);
      const built = build(item, depth + 1);
      path.pop();
      list.push(built.value);
      values += built.values;
      height = Math.max(height, built.height);
    }
    return { value: list, values, height: height + 1 };
  };

  const buildMap = (node: YAMLMap, depth: number): Built => {
    const object = Object.create(null) as Record<string, unknown>;
    const keys = new Set<string>();
    let [values, height] = [1, 0];
    for (const pair of node.items) {
      const key = keyOf(pair.key, depth);
      path.push(key);
      if (keys.has(key)) {
        problems.add("WORKFLOW_DUPLICATE_KEY", `the key ${quote(key)} stands twice`, spanOf(pair.key), [...path]);
      }
      keys.add(key);
      const built = build(pair.value, depth + 1);
      path.pop();
      object[key] = built.value;
      values += built.values;
      height = Math.max(height, built.height);
    }
    if (path.length === 1 && path[0] === "containers") containerOrder = mayBeReordered(object) ? [...keys] : undefined;
    return { value: object, values, height: height + 1 };
  };

  const keyOf = (node: unknown, depth: number): string => {
    const { value } = build(node, depth + 1);
    if (typeof value === "string") return value;
    if (typeof value === "object" && value !== null) {
      fail("a key is a text, not a list or an object", spanOf(node));
      return "";
    }
    return sourceOfKey(node, value);
  };

  const { value } = build(isPair(root) ? null : root, 0);
  if (failed || stopped) return undefined;
  return { value, ...(containerOrder === undefined ? {} : { containerOrder }) };
}

/** A key is text in JSON: `10:` is "10", as it is written. */
export function sourceOfKey(node: unknown, value: unknown): string {
  return isScalar(node) && node.source !== undefined ? node.source : String(value);
}

export function spanOf(node: unknown): readonly [start: number, end: number] {
  const range = isScalar(node) || isCollection(node) || isAlias(node) ? node.range : undefined;
  return range === undefined || range === null ? [0, 1] : [range[0], range[1]];
}
