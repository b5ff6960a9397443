import { escapeControls } from "../../kernel/text.ts";
import type { RunOwner } from "../../ports/runtime.ts";

/** `process 12 on host`; of a run that a cluster drives, `drive on the cluster at URL`. */
export function describeOwner(owner: RunOwner | undefined): string {
  if (owner?.cluster !== undefined) return `drive on ${describeCluster(owner.cluster)}`;
  return owner?.pid === undefined ? "process" : `process ${owner.pid} on ${escapeControls(owner.host ?? "")}`;
}

export function describeCluster({ url }: NonNullable<RunOwner["cluster"]>): string {
  return `the cluster at ${escapeControls(url)}`;
}
