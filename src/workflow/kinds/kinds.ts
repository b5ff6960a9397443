import { dockerKind } from "./docker/kind.ts";
import type { DockerNode } from "./docker/node.ts";
import { grpcKind } from "./grpc/kind.ts";
import type { GrpcNode } from "./grpc/node.ts";
import type { NodeKind } from "./kind.ts";

/**
 * A vertex of the graph, one thing to do: a union of all kinds by `executor`. `Extract<WorkflowNode, { executor: "grpc" }>`
 * is a node of one kind.
 */
export type WorkflowNode = GrpcNode | DockerNode;

/**
 * Every kind of node. The first is what a node is where neither it nor its file says anything. A new kind is a folder
 * here, its place in the union and the list, and an executor.
 */
export const KINDS: readonly AnyKind[] = [grpcKind, dockerKind];

/** A kind, whichever it is. It is given its own nodes only: those that name its executor. */
export type AnyKind = NodeKind<WorkflowNode, unknown>;

export const DEFAULT_KIND: AnyKind = grpcKind;

const BY_EXECUTOR: ReadonlyMap<unknown, AnyKind> = new Map(KINDS.map((kind) => [kind.executor, kind]));

/** @param executor anything that a file may say */
export function findKind(executor: unknown): AnyKind | undefined {
  return BY_EXECUTOR.get(executor);
}

export function kindOf({ id, executor }: WorkflowNode): AnyKind {
  const kind = findKind(executor);
  if (kind === undefined) throw new TypeError(`the node ${id} is of no kind that there is: ${executor}`);
  return kind;
}
