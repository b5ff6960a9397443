import { type AnyKind, DEFAULT_KIND, findKind, KINDS, kindOf } from "../kinds/kinds.ts";
import { DEFAULT_MAX_PARALLEL } from "../model/defaults.ts";
import type { Definition } from "../model/definition.ts";
import type { ParamDeclaration } from "../model/param.ts";
import type { Entry } from "../tree/entry.ts";
import type { Fields } from "../tree/fields.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { isRawObject, type RawObject } from "../tree/raw.ts";
import { type Reader, readFields, type Values } from "../tree/read-fields.ts";
import { reportWrongType } from "../tree/report-wrong-type.ts";
import type { Workflow, WorkflowNode } from "../workflow.ts";
import { checkGraph, readStartNodes } from "./check-graph.ts";
import { readContainerList } from "./dialects/phase1.ts";
import { readContainerMap } from "./dialects/v1.ts";
import { ALL_TOP_KEYS, type TopKeys } from "./keys.ts";
import { readConcurrency } from "./read-concurrency.ts";
import { createNodeNames, readEdges } from "./read-edges.ts";
import { type NodeDefaults, type NodeDraft, readNode } from "./read-nodes.ts";
import { readParamDeclarations } from "./read-params.ts";
import { type RetryDefaults, readRetryDefaults } from "./read-retry.ts";
import { readServices } from "./read-services.ts";
import { warnOfLookalikes } from "./warn-of-lookalikes.ts";
import { whereKeyBelongs } from "./where-keys-belong.ts";

const NO_PARAMS: ReadonlyMap<string, ParamDeclaration> = new Map();

/**
 * The tree of a file as a workflow. All that is wrong goes to `problems`; the result is undefined then.
 * @param order keys of `containers` in file order, where JavaScript would give them in another
 * @param prepared what the nodes of each kind share before anything is read
 */
export function readWorkflow(
  problems: Problems,
  tree: unknown,
  definition: Definition,
  order: readonly string[] | undefined,
  prepared: ReadonlyMap<AnyKind, unknown>,
): Workflow | undefined {
  if (!isRawObject(tree)) {
    reportWrongType(problems, "a workflow file holds an object", tree, undefined);
    return undefined;
  }
  const paramsPlace = placeAt(undefined, "params");
  const params = Object.hasOwn(tree, "params")
    ? readParamDeclarations({ problems, params: undefined, whereKeyBelongs }, tree.params, paramsPlace)
    : NO_PARAMS;
  const reader: Reader = { problems, params, whereKeyBelongs };
  const fields = readFields(reader, tree, undefined, ALL_TOP_KEYS, "a workflow file");
  const top: Values<TopKeys> = fields;
  if (!Object.hasOwn(tree, "workflow_name")) reportMissing(problems, "workflow_name");

  const entries = readEntries(problems, tree, order);
  const defaults: NodeDefaults = {
    kind: findKind(top.execution_mode) ?? impliedKind(tree) ?? DEFAULT_KIND,
    policies: top.defaults,
    retry: readDefaultRetry(problems, tree, top),
    shared: readShared(reader, fields, prepared),
  };
  const registry = Object.hasOwn(tree, "service_registry")
    ? readServices(reader, tree.service_registry, placeAt(undefined, "service_registry"))
    : undefined;
  const read = (entries ?? []).map((entry) => readNode(reader, entry, defaults, registry?.names));
  if (registry === undefined) reportMissingServices(problems, read);

  const names = createNodeNames(problems, new Map(read.map(({ entry }, position) => [entry.id, position])));
  const edges = readEdges(problems, read, names);
  const start = top.start_node === undefined ? undefined : readStartNodes(problems, top.start_node, names);
  const needed = read.some(({ entry }) => entry.raw !== undefined && Object.hasOwn(entry.raw, "next_node"));
  if (needed && !Object.hasOwn(tree, "start_node")) {
    reportMissing(problems, "start_node", "; it may be left out only where no node has next_node");
  }
  const graph = checkGraph(problems, read, edges, start);
  const ids = read.map(({ entry }) => ({ name: entry.id, place: entry.idPlace, at: entry.idAt }));
  warnOfLookalikes(problems, "nodes", ids);

  const concurrency = readConcurrency(problems, tree.concurrency, top);

  if (problems.count() > 0) return undefined;
  return Object.freeze({
    name: top.workflow_name ?? "",
    definition,
    nodes: read.map(({ node }) => node).filter((node): node is WorkflowNode => node !== undefined),
    graph,
    services: registry?.services ?? new Map(),
    params: params ?? NO_PARAMS,
    maxParallel: top.max_parallel ?? DEFAULT_MAX_PARALLEL,
    onFailure: top.on_failure ?? "stop",
    warnings: problems.warnings(),
    ...(top.total_timeout_seconds === undefined ? {} : { totalTimeoutMs: top.total_timeout_seconds }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

function reportMissing(problems: Problems, key: string, more = ""): void {
  problems.add("WORKFLOW_MISSING_KEY", `${key} is missing${more}`, undefined);
}

function readEntries(
  problems: Problems,
  tree: RawObject,
  order: readonly string[] | undefined,
): readonly Entry[] | undefined {
  const { containers } = tree;
  const place = placeAt(undefined, "containers");
  if (!Object.hasOwn(tree, "containers")) {
    reportMissing(problems, "containers");
    return undefined;
  }
  if (!Array.isArray(containers) && !isRawObject(containers)) {
    reportWrongType(problems, "containers must be an object of nodes by id, or a list", containers, place);
    return undefined;
  }
  const entries = Array.isArray(containers)
    ? readContainerList(problems, containers, place)
    : readContainerMap(problems, containers, place, order);
  if (Object.keys(containers).length === 0) problems.add("WORKFLOW_INVALID_VALUE", "containers is empty", place);
  return entries;
}

/** The kind that a file is of by its form. */
function impliedKind(tree: RawObject): AnyKind | undefined {
  const { containers } = tree;
  if (typeof containers !== "object" || containers === null) return undefined;
  return KINDS.find((kind) => kind.isImpliedBy?.(tree, containers));
}

function readDefaultRetry(problems: Problems, tree: RawObject, { defaults }: Values<TopKeys>): RetryDefaults {
  const raw = isRawObject(tree.defaults) ? tree.defaults.retry : undefined;
  const place = placeAt(placeAt(undefined, "defaults"), "retry");
  return readRetryDefaults(problems, defaults?.retry, raw, place);
}

/** What the top of the file says of all nodes of each kind, on top of what was prepared. */
function readShared(
  reader: Reader,
  fields: Values<Fields>,
  prepared: ReadonlyMap<AnyKind, unknown>,
): ReadonlyMap<AnyKind, unknown> {
  const shared = new Map(prepared);
  for (const kind of KINDS) {
    const { top } = kind;
    const values = top === undefined ? undefined : fields[top.key];
    if (top === undefined || !isRawObject(values)) continue;
    shared.set(kind, top.read(reader, values, placeAt(undefined, top.key), prepared.get(kind)));
  }
  return shared;
}

/** Once for the file, where any node calls a service. */
function reportMissingServices(problems: Problems, read: readonly NodeDraft[]): void {
  const caller = read.find(({ node }) => node !== undefined && kindOf(node).serviceNameOf !== undefined)?.node;
  if (caller === undefined) return;
  reportMissing(problems, "service_registry", `; ${caller.executor} nodes need an address there`);
}
