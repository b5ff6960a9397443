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
