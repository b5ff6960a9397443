import { waitAtMost } from "../../kernel/pause.ts";
import { removeContainers } from "./containers.ts";
import { askEngine } from "./engine.ts";
import { type Job, note } from "./job.ts";
import type { Cause } from "./outcome.ts";
import type { Watch } from "./watch.ts";

/** From its stop signal to SIGKILL; with what follows within the 5 s of X3. */
const GRACE_SECONDS = 3;
const STOPPED_WITHIN_MS = 3600;
const REMOVED_WITHIN_MS = 700;
const ALL_WITHIN_MS = 4700;

/**
 * Stops a container: its stop signal (SIGTERM if not set otherwise), 3 s, SIGKILL. It is removed afterwards, once
 * its last words are in the log.
 * @returns whether the engine confirmed that it is gone
 */
export async function stopContainer(job: Job, id: string, watch: Watch, cause: Cause): Promise<boolean> {
  const { tools, request } = job;
  const until = tools.clock.monotonic() + ALL_WITHIN_MS;
  const args = ["stop", "-t", String(GRACE_SECONDS), id.slice(0, 12)];
  note(job, `${cause}: ${request.program} ${args.join(" ")}, then removes it`);
  await askEngine(tools, request.program, args, { timeoutMs: STOPPED_WITHIN_MS });
  const leftMs = (): number => Math.max(0, until - tools.clock.monotonic());
  await waitAtMost(tools.clock, watch.outcome, Math.max(0, leftMs() - REMOVED_WITHIN_MS));
  const gone = await removeContainers(tools, request.program, [id], leftMs());
  watch.detach();
  return gone;
}
