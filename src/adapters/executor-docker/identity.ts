// By what Busbar finds its containers again: labels, and a name that only one container of a node can have.
import { createHash } from "node:crypto";
import type { AttemptKey } from "../../ports/attempt-key.ts";
import type { Attempt } from "../../ports/executor.ts";

export const RUN_LABEL = "busbar.run";
const NODE_LABEL = "busbar.node";
const ATTEMPT_LABEL = "busbar.attempt";
const KEY_LABEL = "busbar.key";

export type Labels = { readonly [name: string]: string };

export function labelOptions({ runId, nodeId, attempt, idempotencyKey }: Attempt): readonly string[] {
  const labels = [
    [RUN_LABEL, runId],
    [NODE_LABEL, nodeId],
    [ATTEMPT_LABEL, String(attempt)],
    [KEY_LABEL, idempotencyKey],
  ];
  return labels.map(([name, value]) => `--label=${name}=${value}`);
}

export function isOfNode(labels: Labels, { runId, nodeId }: Pick<Attempt, "runId" | "nodeId">): boolean {
  return labels[RUN_LABEL] === runId && labels[NODE_LABEL] === nodeId;
}

/** Of the attempt, in whichever run. */
export function isOfAttempt(labels: Labels, { nodeId, attempt }: AttemptKey): boolean {
  return labels[NODE_LABEL] === nodeId && labels[ATTEMPT_LABEL] === String(attempt);
}

const MAX_RUN = 22;
const MAX_NODE = 20;
const HASH_DIGITS = 12;

/**
 * The same for all attempts of a node in a run: an engine lets no two containers have one name.
 * At most 7 + 22 + 1 + 20 + 1 + 12 = 63 characters of `[a-zA-Z0-9_.-]`.
 */
export function containerName({ runId, nodeId }: Pick<Attempt, "runId" | "nodeId">): string {
  const hash = createHash("sha256").update(`${runId}/${nodeId}`).digest("hex").slice(0, HASH_DIGITS);
  return `busbar-${plain(runId, MAX_RUN)}-${plain(nodeId, MAX_NODE)}-${hash}`;
}

function plain(id: string, length: number): string {
  return id.replace(/[^A-Za-z0-9]+/g, "-").slice(0, length);
}

/** The name that the user gave, if any. */
export function givenName(options: readonly string[]): string | undefined {
  return options.findLast((option) => option.startsWith("--name="))?.slice("--name=".length);
}
