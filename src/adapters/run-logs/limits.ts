/** How much is kept of what an attempt writes. */
export interface LogLimits {
  /** Bytes on disk, of all its files together; what is beyond is left out between the first eighth and the last ones. */
  readonly attemptBytes: number;
  /**
   * UTF-16 code units; a longer line becomes several. One may take six bytes each on disk, which with the rest of
   * its record must fit into an eighth of `attemptBytes`.
   */
  readonly lineChars: number;
}

export const LIMITS: LogLimits = { attemptBytes: 16 * 1024 * 1024, lineChars: 64 * 1024 };
