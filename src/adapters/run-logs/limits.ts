/** How much is kept of what an attempt writes. */
export interface LogLimits {
  /**
   * Bytes of what its container wrote; what is beyond is left out between the first eighth and the last ones. On disk
   * they take little more; but never more than `DISK_FACTOR` times as many, so that of output in very small pieces less
   * is kept.
   */
  readonly attemptBytes: number;
  /**
   * UTF-16 code units; a longer line becomes several. One may take three bytes each on disk, which with the rest of
   * its record must fit into an eighth of `attemptBytes`.
   */
  readonly lineChars: number;
}

/** What is written at once has its time before it, 10 bytes, however little it is. */
export const DISK_FACTOR = 4;

export const LIMITS: LogLimits = { attemptBytes: 16 * 1024 * 1024, lineChars: 64 * 1024 };
