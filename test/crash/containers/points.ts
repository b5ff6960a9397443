/** The instants at which a run of docker nodes is killed. All kills fall on the shipped command. */
export const POINTS = {
  making: "create asked, nothing heard of it",
  made: "container made, not started",
  starting: "start asked, nothing heard of it",
  running: "container at work",
  ended: "container ended, the engine not asked how",
  told: "the engine said how it ended, nothing recorded",
  sweeping: "resume looks for what is left of the run",
  recovering: "resume looks for a container of the last process, or follows it",
  removing: "outcome durable, its container to be removed",
  instant: "at a random instant of run or resume",
} as const;

export type Point = keyof typeof POINTS;
