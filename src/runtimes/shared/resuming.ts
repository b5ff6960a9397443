import { checkRecovery } from "../../engine/recovery.ts";
import { checkResume } from "../../engine/resume.ts";
import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { JournalReader } from "../../ports/journal.ts";
import type { ResumedRun, ResumeOptions, RunControl } from "../../ports/runtime.ts";
import { envNamesOfNodes } from "../../workflow/node.ts";
import { enforcePolicy } from "../../workflow/policy/check-policy.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import type { Begin } from "./begin.ts";
import { type Executors, requireExecutors } from "./executors.ts";
import { bindFor, loadRun, type ReadDefinition } from "./load.ts";
import type { LocalRuns } from "./local-runs.ts";
import { refuseDrivenHere, refuseLiveOwner } from "./owned.ts";
import { standingOf, viewOf, viewOnNodesOf } from "./view.ts";

export interface ResumingTools {
  readonly journal: Pick<JournalReader, "readStored" | "location">;
  readonly clock: Clock;
  readonly readDefinition: ReadDefinition;
  /** What runs the nodes, where this process knows it. */
  readonly executors?: Executors;
  /** Where the nodes' environment is this process's. */
  readonly secrets?: Pick<Secrets, "read">;
  readonly policy?: HostPolicy;
  readonly local: LocalRuns;
  /** @throws BusbarError RUN_LEFT once the runtime is closed */
  readonly refuseClosed: () => void;
  readonly begin: Pick<Begin, "resume">;
}

/** Takes a run up again, once nothing speaks against it (R2). */
export function createResuming(tools: ResumingTools): RunControl["resume"] {
  const { journal, clock, readDefinition, executors, secrets, policy, local, refuseClosed, begin } = tools;

  return async function resume(runId: string, options: ResumeOptions): Promise<ResumedRun> {
    const { by, definition, recovery = false, preflight } = options;
    refuseClosed();
    await refuseDrivenHere(runId, local);
    const loaded = await loadRun(journal, readDefinition, runId);
    const { state, record, requests } = loaded;
    if (recovery) checkRecovery(state);
    else checkResume(state, undefined);
    refuseLiveOwner(record, local);
    const changed = definition === undefined ? undefined : await readDefinition(definition);
    if (executors !== undefined) requireExecutors(changed ?? loaded.workflow, executors);
    const workflow = changed === undefined ? undefined : bindFor(changed, state.params, runId, state.createdAt);
    checkResume(state, workflow);
    enforcePolicy(policy, changed ?? loaded.workflow, workflow ?? state.workflow);
    if (recovery && secrets !== undefined) requireEnv(state, secrets);
    const stood = await viewOf(loaded, standingOf(record, local, clock.now()));
    const before = workflow === undefined ? stood : viewOnNodesOf(stood, workflow);
    const resumed = await begin.resume({
      record,
      state,
      how: {
        kind: "resumed",
        by,
        recovery,
        requests: requests.filter(({ answer }) => answer === undefined),
        lastRequestId: requests.at(-1)?.id ?? 0,
        ...(workflow === undefined ? {} : { workflow }),
      },
      ...(changed === undefined ? {} : { definition: changed.definition }),
      ...(preflight === undefined ? {} : { preflight }),
    });
    const { from = "interrupted", reset = [] } = resumed ?? {};
    return { runId, from, reset, before };
  };
}

/**
 * A preflight would fail the run for good, over what its owner had and this process has not.
 * @throws BusbarError RUN_MISSING_ENV
 */
function requireEnv({ runId, workflow, byPosition }: RunState, secrets: Pick<Secrets, "read">): void {
  const unsettled = byPosition.flatMap(({ status, definition }) => (isSettledNode(status) ? [] : [definition]));
  const missing = [...envNamesOfNodes(workflow, unsettled)].filter((name) => secrets.read(name) === undefined);
  if (missing.length === 0) return;
  const names =
    missing.length === 1 ? `variable ${missing[0]}, which is` : `variables ${missing.join(", ")}, which are`;
  throw new BusbarError("RUN_MISSING_ENV", `run ${runId} needs the environment ${names} not set`);
}
