/** A process that drives runs, as others see it (E6). */
export interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** RFC 3339; when the process opened the journal. */
  readonly startedAt: string;
  /** Whether the process still holds the journal open. */
  readonly alive: boolean;
}

/** A cluster that drives runs by whichever of its workers: there is one drive of a run at a time (E6). */
export interface ClusterOwner {
  /** What the cluster calls the drive. */
  readonly id: string;
  /** Its address, as whoever looks knows it. */
  readonly cluster: string;
  /** RFC 3339; when the drive was submitted. */
  readonly startedAt: string;
  /** Whether it goes on, waits, or will begin. */
  readonly alive: boolean;
}
