import { createGraph } from "../graph/graph.ts";
import { type Check, type FieldChecks, refuseArgument, requireFields, requireText } from "../kernel/arguments.ts";
import { grpcKind } from "../workflow/kinds/grpc/kind.ts";
import type { GrpcNode } from "../workflow/kinds/grpc/node.ts";
import type { Concurrency } from "../workflow/model/concurrency.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_MAX_PARALLEL } from "../workflow/model/defaults.ts";
import { hashDefinition } from "../workflow/model/definition.ts";
import type { ParamDeclaration } from "../workflow/model/param.ts";
import type { RetryPolicy } from "../workflow/model/retry.ts";
import { DEFAULT_RETRY } from "../workflow/model/retry.ts";
import type { Service } from "../workflow/model/service.ts";
import type { Workflow, WorkflowNode } from "../workflow/workflow.ts";
import { workflowText } from "./workflow-text.ts";

/** What a workflow from a literal says beside its graph. */
export interface WorkflowOfOptions {
  readonly name?: string;
  readonly onFailure?: "stop" | "continue";
  readonly maxParallel?: number;
  readonly concurrency?: Concurrency;
  /** Of the whole run. */
  readonly totalTimeoutMs?: number;
  /** Of every node, where it says nothing itself. */
  readonly retry?: Partial<RetryPolicy>;
  readonly timeoutMs?: number;
  readonly onLost?: "retry" | "fail";
  /** What single nodes say differently. */
  readonly nodes?: { readonly [id: string]: Partial<Omit<GrpcNode, "id" | "executor">> };
  /** By name: an address, or what the service says. Default: one, `service` at `localhost:50051`. */
  readonly services?: { readonly [name: string]: string | (Partial<Omit<Service, "name">> & Pick<Service, "address">) };
  readonly params?: readonly ParamDeclaration[];
  /**
   * `full`: the text is a valid file that parses to this workflow. `name`: a text that costs nothing, for
   * graphs of 100,000 nodes; such a workflow cannot be read back.
   */
  readonly definition?: "full" | "name";
}

const anything: Check = () => undefined;
const OPTIONS: FieldChecks<WorkflowOfOptions> = {
  ...{ name: anything, onFailure: anything, maxParallel: anything, concurrency: anything, totalTimeoutMs: anything },
  ...{ retry: anything, timeoutMs: anything, onLost: anything, nodes: anything, services: anything, params: anything },
  definition: anything,
};

/**
 * A workflow from a literal: `fetch > clean > report; fetch > archive`. Chains stand between semicolons;
 * `a, b > c` means that c waits for both. Nodes are in order of appearance, each a gRPC node of the first service.
 * @throws BusbarError USAGE
 */
export function workflowOf(literal: string, options: WorkflowOfOptions = {}): Workflow {
  requireText("literal", literal);
  requireFields("options", options, OPTIONS);
  const positions = new Map<string, number>();
  const edges: (readonly [number, number])[] = [];
  const positionOf = (id: string): number => {
    const known = positions.get(id);
    if (known !== undefined) return known;
    positions.set(id, positions.size);
    return positions.size - 1;
  };
  for (const chain of literal.split(";")) {
    let before: readonly number[] = [];
    for (const group of chain.split(">")) {
      const ids = group.split(",").map((id) => id.trim());
      if (ids.includes("")) refuseArgument("literal", "chains of names with none missing", literal);
      const now = ids.map(positionOf);
      for (const from of before) for (const to of now) edges.push([from, to]);
      before = now;
    }
  }
  return createWorkflow(options.name ?? "test", [...positions.keys()], edges, { definition: "full", ...options });
}

/**
 * A workflow made in memory, unchecked.
 * @param nodes ids, or whole nodes, in file order
 * @param edges pairs [from, to] of positions
 */
export function createWorkflow(
  name: string,
  nodes: readonly (string | WorkflowNode)[],
  edges: Iterable<readonly [number, number]>,
  options: WorkflowOfOptions = {},
): Workflow {
  const services = new Map(
    Object.entries(options.services ?? { service: "localhost:50051" }).map(([key, value]) => [
      key,
      createService(key, value),
    ]),
  );
  const service = [...services.keys()][0] ?? "service";
  const shared = {
    timeoutMs: options.timeoutMs ?? grpcKind.timeoutMs,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    onLost: options.onLost ?? "retry",
  } as const;
  const made = nodes.map((node): WorkflowNode => {
    if (typeof node !== "string") return node;
    const own = options.nodes !== undefined && Object.hasOwn(options.nodes, node) ? options.nodes[node] : undefined;
    const base = { id: node, executor: "grpc", service, inputFile: `/in/${node}`, outputFile: `/out/${node}` } as const;
    return { ...base, ...shared, ...own };
  });
  const graph = createGraph(
    made.map((node) => node.id),
    edges,
  );
  const workflow: Omit<Workflow, "definition"> = {
    name,
    nodes: made,
    graph,
    services,
    params: new Map((options.params ?? []).map((param) => [param.name, param])),
    maxParallel: options.maxParallel ?? DEFAULT_MAX_PARALLEL,
    warnings: [],
    onFailure: options.onFailure ?? "stop",
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.totalTimeoutMs === undefined ? {} : { totalTimeoutMs: options.totalTimeoutMs }),
  };
  const text = options.definition === "full" ? workflowText(workflow) : JSON.stringify({ workflow_name: name });
  return { ...workflow, definition: { hash: hashDefinition(text), text, format: "json" } };
}

function createService(
  name: string,
  value: string | (Partial<Omit<Service, "name">> & Pick<Service, "address">),
): Service {
  return {
    name,
    metadata: new Map(),
    health: "optional",
    maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES,
    allowPlaintext: false,
    proxy: "auto",
    ...(typeof value === "string" ? { address: value } : value),
  };
}
