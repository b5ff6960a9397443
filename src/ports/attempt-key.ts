/** Which attempt of a run it is. */
export interface AttemptKey {
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
}
