import { dockerKind } from "./docker/kind.ts";
import { grpcKind } from "./grpc/kind.ts";
import type { NodeKind } from "./kind.ts";

/**
 * Every kind of node. The first is what a node is where neither it nor its file says anything. A new kind is a folder
 * here, a line in this list and an executor.
 */
const LIST = [grpcKind, dockerKind] as const;

/** A node of any kind: a union by `executor`. */
export type WorkflowNode = NodeOf<(typeof LIST)[number]>;
type NodeOf<K> = K extends NodeKind<infer N, infer _> ? N : never;

/** A kind, whichever it is. It is given its own nodes only: those that name its executor. */
export type AnyKind = NodeKind<WorkflowNode, unknown>;

export const KINDS: readonly AnyKind[] = LIST;
export const DEFAULT_KIND: AnyKind = LIST[0];

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
