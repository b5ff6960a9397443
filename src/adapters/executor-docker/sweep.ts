import type { AttemptKey } from "../../ports/attempt-key.ts";
import { type Container, listContainers, removeContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";
import { isOfAttempt, isOfJournal, RUN_LABEL } from "./identity.ts";

/**
 * Ends all containers of a run of this journal but those of outstanding attempts. An engine that does not answer keeps its own:
 * their names still stand in the way of a second container of a node.
 */
export async function sweepRun(
  tools: EngineTools,
  programs: Iterable<string>,
  runId: string,
  outstanding: readonly AttemptKey[],
): Promise<void> {
  const sweepOne = async (program: string): Promise<void> => {
    const listed = await listContainers(tools, program, `${RUN_LABEL}=${runId}`);
    if (!listed.answered) return;
    const strays = listed.containers.filter(
      ({ labels }) => isOfJournal(labels, tools.journal) && !outstanding.some((key) => isOfAttempt(labels, key)),
    );
    await removeContainers(tools, program, idsOf(strays));
  };
  await Promise.all([...programs].map(sweepOne));
}

/** Removes what runs of this journal left at the engine that are over. */
export async function sweepLeftovers(
  tools: EngineTools,
  program: string,
  isOver: (runId: string) => Promise<boolean>,
): Promise<void> {
  const listed = await listContainers(tools, program, RUN_LABEL);
  if (!listed.answered) return;
  const ended = listed.containers.filter(
    ({ labels, state }) => isOfJournal(labels, tools.journal) && state.is !== "running",
  );
  for (const [runId, containers] of Map.groupBy(ended, ({ labels }) => labels[RUN_LABEL] ?? "")) {
    if (await isOver(runId)) await removeContainers(tools, program, idsOf(containers));
  }
}

function idsOf(containers: readonly Container[]): readonly string[] {
  return containers.map(({ id }) => id);
}
