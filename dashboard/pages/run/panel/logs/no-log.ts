import type { NodeState } from "../../../../../src/engine/state.ts";

/**
 * Why there is nothing to show of a node's log.
 * @param attempt the one that is looked at; all of them if left out
 */
export function whyNoLog(node: NodeState, attempt: number | undefined, isPast: boolean): string {
  const { id, status, reusedFrom, attempts } = node;
  if (reusedFrom !== undefined) return `${id} was not called in this run: its result is that of run ${reusedFrom}.`;
  if (attempts.length === 0) {
    if (status === "skipped") return `${id} was skipped: it has no log.`;
    if (status === "cancelled") return `${id} was cancelled before it started: it has no log.`;
    return isPast ? `${id} had not started at this moment.` : `${id} has not started yet.`;
  }
  const which = attempt === undefined || attempts.length === 1 ? id : `Attempt ${attempt} of ${id}`;
  if (isPast) return `${which} had written nothing at this moment.`;
  if (isCall(node))
    return `${id} has written nothing here: its service keeps its own log. What it answered is under ${status === "failed" ? "Overview" : "Data"}.`;
  return `${which} has written nothing${status === "running" ? " yet" : ""}.`;
}

/** A call of a service, not a container: what it prints is not kept here. */
export function isCall({ request }: NodeState): boolean {
  return typeof request === "object" && request !== null && "service" in request;
}
