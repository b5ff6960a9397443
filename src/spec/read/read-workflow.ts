import { readAllow } from "../kinds/docker/allow.ts";
import type { SplitCommand } from "../kinds/docker/shell-words.ts";
import { DEFAULT_MAX_PARALLEL } from "../model/defaults.ts";
import type { Definition } from "../model/definition.ts";
import type { ParamDeclaration } from "../model/param.ts";
import { placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { describe, isRawObject, type RawObject } from "../tree/raw.ts";
import { type Reader, readFields, type Values } from "../tree/read-fields.ts";
import type { Workflow, WorkflowNode } from "../workflow.ts";
import { checkGraph, readStartNodes } from "./check-graph.ts";
import type { Entries } from "./dialects/entries.ts";
import { isPhase1, readContainerList } from "./dialects/phase1.ts";
import { readContainerMap } from "./dialects/v1.ts";
import { TOP_KEYS } from "./keys.ts";
import { createNodeNames, readEdges } from "./read-edges.ts";
import { type NodeDefaults, readNode } from "./read-nodes.ts";
import { readParamDeclarations } from "./read-params.ts";
import { NO_RETRY_SAID, readRetry } from "./read-retry.ts";
import { readServices } from "./read-services.ts";

const DOCKER = placeAt(undefined, "docker");
const NO_PARAMS: ReadonlyMap<string, ParamDeclaration> = new Map();

/**
 * The tree of a file as a workflow. All that is wrong goes to `problems`; the result is undefined then.
 * @param order keys of `containers` in file order, where JavaScript would give them in another
 * @param splitCommand needed where `hasCommand`
 */
export function readWorkflow(
  problems: Problems,
  tree: unknown,
  definition: Definition,
  order: readonly string[] | undefined,
  splitCommand: SplitCommand | undefined,
): Workflow | undefined {
  if (!isRawObject(tree)) {
    problems.add("WORKFLOW_WRONG_TYPE", `a workflow file holds an object, not ${describe(tree)}`, undefined);
    return undefined;
  }
  const paramsPlace = placeAt(undefined, "params");
  const params = Object.hasOwn(tree, "params")
    ? readParamDeclarations({ problems, params: undefined, splitCommand }, tree.params, paramsPlace)
    : NO_PARAMS;
  const reader: Reader = { problems, params, splitCommand };
  const top = readFields(reader, tree, undefined, TOP_KEYS, "a workflow file");
  if (!Object.hasOwn(tree, "workflow_name")) reportMissing(problems, "workflow_name");

  const entries = readEntries(problems, tree, order);
  const defaults = nodeDefaults(problems, tree, top, entries);
  const registry = Object.hasOwn(tree, "service_registry")
    ? readServices(reader, tree.service_registry, placeAt(undefined, "service_registry"))
    : undefined;
  const read = (entries?.entries ?? []).map((entry) => readNode(reader, entry, defaults, registry?.names));
  if (registry === undefined && read.some(({ node }) => node?.executor === "grpc")) {
    reportMissing(problems, "service_registry", "; grpc nodes need an address there");
  }

  const names = createNodeNames(problems, new Map(read.map(({ entry }, position) => [entry.id, position])));
  const edges = readEdges(problems, read, names);
  const start = top.start_node === undefined ? undefined : readStartNodes(problems, top.start_node, names);
  const needed = read.some(({ entry }) => entry.raw !== undefined && Object.hasOwn(entry.raw, "next_node"));
  if (needed && !Object.hasOwn(tree, "start_node")) {
    reportMissing(problems, "start_node", "; it may be left out only where no node has next_node");
  }
  const graph = checkGraph(problems, read, edges, start);

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
    ...(top.total_timeout_seconds === undefined ? {} : { totalTimeoutMs: top.total_timeout_seconds }),
  });
}

function reportMissing(problems: Problems, key: string, more = ""): void {
  problems.add("WORKFLOW_MISSING_KEY", `${key} is missing${more}`, undefined);
}

function readEntries(problems: Problems, tree: RawObject, order: readonly string[] | undefined): Entries | undefined {
  const { containers } = tree;
  const place = placeAt(undefined, "containers");
  if (!Object.hasOwn(tree, "containers")) {
    reportMissing(problems, "containers");
    return undefined;
  }
  if (!Array.isArray(containers) && !isRawObject(containers)) {
    const message = `containers must be an object of nodes by id, or a list, not ${describe(containers)}`;
    problems.add("WORKFLOW_WRONG_TYPE", message, place);
    return undefined;
  }
  const entries = Array.isArray(containers)
    ? readContainerList(problems, containers, place)
    : readContainerMap(problems, containers, place, isPhase1(tree, containers) ? "docker" : "grpc", order);
  if (Object.keys(containers).length === 0) problems.add("WORKFLOW_INVALID_VALUE", "containers is empty", place);
  return entries;
}

function nodeDefaults(
  problems: Problems,
  tree: RawObject,
  top: Values<typeof TOP_KEYS>,
  entries: Entries | undefined,
): NodeDefaults {
  const policies = top.defaults;
  const raw = isRawObject(tree.defaults) ? tree.defaults.retry : undefined;
  const place = placeAt(placeAt(undefined, "defaults"), "retry");
  return {
    executor: top.execution_mode ?? entries?.defaultExecutor ?? "grpc",
    policies,
    retry: readRetry(problems, NO_RETRY_SAID, policies?.retry, raw, place),
    containers: {
      allow: top.docker?.allow === undefined ? [] : readAllow(problems, top.docker.allow, placeAt(DOCKER, "allow")),
      engine: top.docker?.engine ?? "docker",
    },
  };
}

/** Whether any container of a tree, which may be anything, has a command. */
export function hasCommand(tree: unknown): boolean {
  if (!isRawObject(tree)) return false;
  const { containers } = tree;
  if (typeof containers !== "object" || containers === null) return false;
  return Object.values(containers).some((one) => isRawObject(one) && Object.hasOwn(one, "command"));
}
