import { waitAtMost } from "../../kernel/pause.ts";
import type { Outcome } from "../../ports/executor.ts";
import { listContainers, removeContainers } from "./containers.ts";
import { type CreateResult, createContainer } from "./create.ts";
import { isContainerOf, RUN_LABEL } from "./identity.ts";
import type { Job } from "./job.ts";
import type { Limit } from "./limit.ts";
import { type Cause, outcomeOfInterruption, outcomeOfMovedMount } from "./outcome.ts";
import type { ResolvedMount } from "./resolve-mounts.ts";
import { stopContainer } from "./stop.ts";
import { findMovedMount } from "./verify-mounts.ts";
import { type Watch, watchContainer } from "./watch.ts";

/** How an attempt ended, and the id of the container that is left of it. */
export interface JobResult {
  readonly outcome: Outcome;
  readonly leftId?: string;
}

/** Makes and starts one container, and waits for its end or that of the attempt. */
export async function executeJob(job: Job, limit: Limit): Promise<JobResult> {
  const early = limit.cause();
  if (early !== undefined) return { outcome: outcomeOfInterruption(job, early, true) };
  const client = new AbortController();
  const creating = createContainer(job, client.signal);
  const created = await Promise.race([creating, limit.reached]);
  if (typeof created === "string") return { outcome: await giveUpCreating(job, created, creating, client) };
  if (!created.created) return { outcome: created.outcome };
  const { id, mounts } = created;
  const over = new AbortController();
  const moved = findMovedMount(job, id, mounts, over.signal);
  try {
    return await superviseContainer(job, limit, id, watchContainer(job, id, "start"), moved);
  } finally {
    over.abort();
  }
}

/**
 * Waits for a container that is watched; ends it when the attempt's limit is reached first.
 * @param moved resolves with a mount for which it has to be ended at once
 */
export async function superviseContainer(
  job: Job,
  limit: Limit,
  id: string,
  watch: Watch,
  moved: Promise<ResolvedMount | undefined> = NOTHING_MOVED,
): Promise<JobResult> {
  const isMoved = moved.then((mount) => mount ?? NEVER);
  const ended = await Promise.race([watch.outcome, limit.reached, isMoved]);
  if (typeof ended !== "string" && "place" in ended) {
    const removed = await removeContainers(job.tools, job.request.program, [id]);
    watch.detach();
    return { outcome: outcomeOfMovedMount(job, ended.source, removed), ...(removed ? {} : { leftId: id }) };
  }
  if (typeof ended !== "string") return { outcome: ended, leftId: id };
  if (ended === "left") {
    watch.detach();
    return { outcome: outcomeOfInterruption(job, ended, true) };
  }
  const gone = await stopContainer(job, id, watch, ended);
  return { outcome: outcomeOfInterruption(job, ended, gone), ...(gone ? {} : { leftId: id }) };
}

const NOTHING_MOVED: Promise<undefined> = Promise.resolve(undefined);
const NEVER: Promise<never> = new Promise(() => undefined);

/** A container is made in a moment, but an image may take minutes to be pulled. */
const CREATED_WITHIN_MS = 1000;
const REMOVED_WITHIN_MS = 2000;

async function giveUpCreating(
  job: Job,
  cause: Cause,
  creating: Promise<CreateResult>,
  client: AbortController,
): Promise<Outcome> {
  // Nothing has been started, and a later attempt removes what has been made.
  if (cause !== "left") await waitAtMost(job.tools.clock, creating, CREATED_WITHIN_MS);
  client.abort();
  const gone = cause === "left" || (await removeCreated(job));
  return outcomeOfInterruption(job, cause, gone);
}

/** Finds it by its labels: the client may have been ended before it printed the id. */
async function removeCreated({ tools, request, attempt }: Job): Promise<boolean> {
  const label = `${RUN_LABEL}=${attempt.runId}`;
  const listed = await listContainers(tools, request.program, label, REMOVED_WITHIN_MS);
  if (!listed.answered) return false;
  const made = listed.containers
    .filter(({ labels }) => isContainerOf(labels, attempt, tools.journal))
    .map(({ id }) => id);
  return removeContainers(tools, request.program, made, REMOVED_WITHIN_MS);
}
