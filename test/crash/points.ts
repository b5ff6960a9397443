// The instants at which a run is killed, or a prune beside it. `sent`, `asked` and `instant` are reached from outside, so they
// fall on the shipped command; the others need the test entry (entry.ts), which wraps the Journal and Executor ports.

/**
 * The driver records the last outcome and the terminal event in one append, so "between the two" is
 * that append: once before it is committed (`ending`), once after (`ended`).
 */
export const RUN_POINTS = {
  created: "run.created is durable, nothing else has happened",
  reused: "a rerun, before it is created with what it keeps or after",
  started: "node.started committed, call not sent",
  sent: "call sent, no reply",
  received: "reply received, not committed",
  committed: "outcome committed, its dependents recorded and not called",
  ending: "last outcome and terminal event, not committed",
  ended: "last outcome and terminal event committed, nothing said of it",
  takeover: "during a takeover",
  pausing: "a pause or unpause of it, before it is committed or after",
  asked: "whoever asks to pause or unpause it, and then its process",
  checkpoint: "during a WAL checkpoint",
  instant: "at a random instant of run or resume",
} as const;

/** Where a prune is killed, beside a run and readers. */
export const PRUNE_POINTS = {
  deleting: "a prune, before a run is deleted for good, meanwhile or after",
  sweeping: "a prune, before the logs of what it deleted are gone, meanwhile or after",
  givingBack: "a prune that gives pages back",
  pruning: "a prune at a random instant",
} as const;

export const POINTS = { ...RUN_POINTS, ...PRUNE_POINTS } as const;

export type RunPoint = keyof typeof RUN_POINTS;
export type PrunePoint = keyof typeof PRUNE_POINTS;
export type Point = RunPoint | PrunePoint;

export function isOfPrune(point: Point): point is PrunePoint {
  return point in PRUNE_POINTS;
}

/** Points that kill from the outside and therefore fall on the shipped command. */
export type OutsidePoint = "sent" | "asked" | "instant";
export type InsidePoint = Exclude<RunPoint, OutsidePoint>;

export function isOutside(point: RunPoint): point is OutsidePoint {
  return point === "sent" || point === "asked" || point === "instant";
}

/** Where in the process of the test entry the kill falls. */
export interface Aim {
  readonly point: InsidePoint;
  /** At the n-th time that the point is reached, from 1. */
  readonly nth: number;
  /** For the points that last a while: how long after their beginning, in microseconds. */
  readonly delayUs: number;
}
