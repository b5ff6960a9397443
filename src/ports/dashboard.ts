/** A file of the dashboard, as it may be sent. */
export interface DashboardFile {
  /** Media type, with its charset. */
  readonly type: string;
  /** Bytes by content encoding: `identity`, `gzip`, `br`. */
  readonly encodings: {
    readonly identity: Uint8Array<ArrayBuffer>;
    readonly [encoding: string]: Uint8Array<ArrayBuffer> | undefined;
  };
  /** Whether its name says what is in it, so that it may be kept for ever. */
  readonly isImmutable: boolean;
  readonly etag: string;
}

/** The pages that a server shows: built before, held in memory. */
export interface Dashboard {
  /**
   * @param path within the dashboard: `index.html`, `assets/main-….js`
   * @returns undefined where there is no such file, or none was built
   */
  file(path: string): DashboardFile | undefined;
}
