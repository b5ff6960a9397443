import { BusbarError } from "../kernel/errors.ts";
import { diffNodes } from "../workflow/diff.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { RunResumed } from "./events.ts";
import { type NodeState, type RunState, rebase } from "./state.ts";
import { isSettledNode } from "./status.ts";

/**
 * Whether the run may be resumed as its history stands; who owns it is asked elsewhere.
 *
 * @param changed bound; the workflow that is to replace the run's own
 * @throws BusbarError RUN_ALREADY_SUCCEEDED, RESUME_FILE_DIFFERS
 */
export function checkResume(state: RunState, changed: Workflow | undefined): void {
  if (state.status === "succeeded") {
    throw new BusbarError("RUN_ALREADY_SUCCEEDED", `run ${state.runId} has succeeded; there is nothing to resume`);
  }
  if (changed === undefined) return;
  const succeeded = idsOf(state, (node) => node.status === "succeeded");
  const differences = [...diffNodes(state.workflow, changed, succeeded).values()].flat();
  if (differences.length === 0) return;
  throw new BusbarError(
    "RESUME_FILE_DIFFERS",
    `the changed file changes nodes that have succeeded: ${differences.join("; ")}`,
    { details: { differences } },
  );
}

/**
 * Puts the changed workflow under the run, if there is one.
 *
 * @returns the nodes that a resume sets back to pending: those that settled without success, and of a changed
 *   workflow also those unsettled ones that were tried as they were before, since a retry would be another request
 */
export function prepareResume(state: RunState, changed: Workflow | undefined): readonly string[] {
  let begunAnew: ReadonlySet<string> = new Set();
  if (changed !== undefined) {
    const tried = idsOf(state, (node) => !isSettledNode(node.status) && node.attempts.length > 0);
    begunAnew = new Set(diffNodes(state.workflow, changed, tried).keys());
    rebase(state, changed);
  }
  return idsOf(state, ({ id, status }) => (isSettledNode(status) ? status !== "succeeded" : begunAnew.has(id)));
}

export function resumedFrom({ status }: RunState): RunResumed["from"] {
  return status === "failed" || status === "cancelled" ? status : "interrupted";
}

function idsOf(state: RunState, which: (node: NodeState) => boolean): readonly string[] {
  return state.byPosition.filter(which).map((node) => node.id);
}
