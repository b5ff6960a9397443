import type { Clock } from "../../kernel/clock.ts";
import { pause } from "../../kernel/pause.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { AttemptOnCluster } from "../../ports/executor.ts";
import { listContainers, removeContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";
import { USUAL_PROGRAMS } from "./executor.ts";
import { markedAttempt, RUN_LABEL } from "./identity.ts";

/** Between the two times that a cluster is asked: what a server says that another has taken over from may be old. */
const ASKED_AGAIN_MS = 3_000;

export interface StrayOptions {
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** For the engine's client programs; default: Busbar's own. */
  readonly env?: EngineTools["env"];
  /** Which of these are attempts of this cluster that nobody waits for any more. */
  readonly selectOver: (attempts: readonly AttemptOnCluster[]) => Promise<readonly AttemptOnCluster[]>;
}

/**
 * Ends the containers at this machine's engines, running or not, that workers of a cluster have made for attempts that
 * are over: their worker has died, and another one could not find them. An engine that does not answer keeps its own.
 * @throws what `selectOver` throws
 */
export async function sweepStrays({ selectOver, env = process.env, ...tools }: StrayOptions): Promise<void> {
  await Promise.all(USUAL_PROGRAMS.map((program) => sweepEngine({ ...tools, env }, program, selectOver)));
}

async function sweepEngine(tools: EngineTools, program: string, selectOver: StrayOptions["selectOver"]): Promise<void> {
  const listed = await listContainers(tools, program, RUN_LABEL);
  if (!listed.answered) return;
  const made = listed.containers.flatMap(({ id, labels }) => {
    const attempt = markedAttempt(labels);
    return attempt === undefined ? [] : [{ id, ...attempt }];
  });
  const over = await selectOver(made);
  if (over.length === 0) return;
  await pause(tools.clock, ASKED_AGAIN_MS);
  const strays = new Set((await selectOver(over)).map(({ cluster }) => cluster.call));
  const ids = made.filter(({ cluster }) => strays.has(cluster.call)).map(({ id }) => id);
  await removeContainers(tools, program, ids);
}
