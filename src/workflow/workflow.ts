import type { Graph } from "../graph/graph.ts";
import type { Diagnostic } from "../kernel/diagnostics.ts";
import type { WorkflowNode } from "./kinds/kinds.ts";
import type { Concurrency } from "./model/concurrency.ts";
import type { Definition } from "./model/definition.ts";
import type { ParamDeclaration } from "./model/param.ts";
import type { Service } from "./model/service.ts";

export type { WorkflowNode };

/**
 * The validated, frozen graph made from a workflow file. Everything is typed,
 * every name resolves, the graph has no cycle: nothing inside checks again.
 */
export interface Workflow {
  readonly name: string;
  readonly definition: Definition;
  /** Nodes in file order; `graph` uses the same positions. */
  readonly nodes: readonly WorkflowNode[];
  readonly graph: Graph;
  readonly services: ReadonlyMap<string, Service>;
  readonly params: ReadonlyMap<string, ParamDeclaration>;
  /** Outstanding attempts of one run, ≥ 1. */
  readonly maxParallel: number;
  readonly onFailure: "stop" | "continue";
  /** What is odd about the file, though it is valid. */
  readonly warnings: readonly Diagnostic[];
  /** Of its runs at a server. */
  readonly concurrency?: Concurrency;
  /** Bounds the whole run, in milliseconds. */
  readonly totalTimeoutMs?: number;
}
