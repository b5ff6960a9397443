// Whose a container is: labels that say it, and a name that only one container of a node can have.
import { createHash } from "node:crypto";
import type { AttemptKey } from "../../ports/attempt-key.ts";
import type { Attempt, AttemptOnCluster } from "../../ports/executor.ts";

export const RUN_LABEL = "busbar.run";
const NODE_LABEL = "busbar.node";
const ATTEMPT_LABEL = "busbar.attempt";
const KEY_LABEL = "busbar.key";
const JOURNAL_LABEL = "busbar.journal";
const OWNER_LABEL = "busbar.owner";

/**
 * The journal that has the runs whose containers are made. Of another's, which may have a run of the same id at the
 * same engine, nothing is ever touched. That whoever made a container lives no more, or has let go of its run, is what
 * the journal says before it lets a run go on (E6).
 */
export interface JournalOfContainers {
  /** On a cluster each run is one of its own (`Attempt.cluster`). Else: the same in all processes that open the journal, and in no other's. */
  readonly id: string;
  /** Of this process; on a cluster, of the attempt. */
  readonly ownerId: string;
  /** Whether a version of Busbar that labelled no journal may have begun attempts of it. */
  readonly isOlder: boolean;
}

export type Labels = { readonly [name: string]: string };

export function labelOptions(
  { runId, nodeId, attempt, idempotencyKey }: Attempt,
  journal: JournalOfContainers | undefined,
): readonly string[] {
  const labels = [
    ...(journal === undefined
      ? []
      : [
          [JOURNAL_LABEL, journal.id],
          [OWNER_LABEL, journal.ownerId],
        ]),
    [RUN_LABEL, runId],
    [NODE_LABEL, nodeId],
    [ATTEMPT_LABEL, String(attempt)],
    [KEY_LABEL, idempotencyKey],
  ];
  return labels.map(([name, value]) => `--label=${name}=${value}`);
}

/** Undefined where they tell of none. That of a journal, which looks the same, is told from it by whoever knows the cluster. */
export function markedAttempt(labels: Labels): AttemptOnCluster | undefined {
  const { [RUN_LABEL]: runId, [JOURNAL_LABEL]: run, [OWNER_LABEL]: call } = labels;
  if (runId === undefined || run === undefined || call === undefined) return undefined;
  return { runId, cluster: { run, call } };
}

/** Without a journal: what was made without one. */
export function isOfJournal(labels: Labels, journal: JournalOfContainers | undefined): boolean {
  return labels[JOURNAL_LABEL] === journal?.id;
}

/** Of whichever journal. */
export function isOfNode(labels: Labels, { runId, nodeId }: Pick<Attempt, "runId" | "nodeId">): boolean {
  return labels[RUN_LABEL] === runId && labels[NODE_LABEL] === nodeId;
}

/** Of the attempt, in whichever run. */
export function isOfAttempt(labels: Labels, { nodeId, attempt }: AttemptKey): boolean {
  return labels[NODE_LABEL] === nodeId && labels[ATTEMPT_LABEL] === String(attempt);
}

/** Of one that came after it: whoever makes it has been forgotten, and does not know. */
export function isOfLaterAttempt(labels: Labels, { attempt }: Pick<AttemptKey, "attempt">): boolean {
  return Number(labels[ATTEMPT_LABEL]) > attempt;
}

/** Of the very attempt; also one that an earlier version made of it, for a journal that has such attempts. */
export function isContainerOf(labels: Labels, attempt: Attempt, journal: JournalOfContainers | undefined): boolean {
  if (!isOfNode(labels, attempt) || !isOfAttempt(labels, attempt)) return false;
  if (isOfJournal(labels, journal)) return true;
  return journal?.isOlder === true && isOfJournal(labels, undefined) && labels[KEY_LABEL] === attempt.idempotencyKey;
}

/** Goes on from "a container". */
export function describeMaker(labels: Labels, journal: JournalOfContainers | undefined): string {
  const { [RUN_LABEL]: run, [NODE_LABEL]: node } = labels;
  if (run === undefined) return "that Busbar did not make";
  const where = isOfJournal(labels, journal) ? "" : " in another state directory or cluster";
  return `of node ${node ?? "?"} of run ${run}${where}`;
}

const MAX_RUN = 22;
const MAX_NODE = 20;
const HASH_DIGITS = 12;

/**
 * The same for all attempts of a node in a run of a journal, and no other's: an engine lets no two containers have one
 * name.
 * At most 7 + 22 + 1 + 20 + 1 + 12 = 63 characters of `[a-zA-Z0-9_.-]`.
 */
export function containerName(
  { runId, nodeId }: Pick<Attempt, "runId" | "nodeId">,
  journal: Pick<JournalOfContainers, "id"> | undefined,
): string {
  const whole = journal === undefined ? `${runId}/${nodeId}` : `${journal.id}/${runId}/${nodeId}`;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_DIGITS);
  return `busbar-${plain(runId, MAX_RUN)}-${plain(nodeId, MAX_NODE)}-${hash}`;
}

function plain(id: string, length: number): string {
  return id.replace(/[^A-Za-z0-9]+/g, "-").slice(0, length);
}

/** The name that the user gave, if any. */
export function givenName(options: readonly string[]): string | undefined {
  return options.findLast((option) => option.startsWith("--name="))?.slice("--name=".length);
}
