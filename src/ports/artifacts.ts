/**
 * The files that nodes made, on this machine's disks. A node names its file by a path of where it runs; which folder
 * here that is, the host says (`--data-dir PREFIX=DIR`).
 *
 * F1  Nothing outside of the host's folders is opened, whatever the path says: no link is followed, also none that is
 *     put into the way while the file is opened.
 * F2  Only regular files are opened. What is none (a pipe, a device, a folder) is not touched.
 * F3  What is read is of the one file that was opened, as it was then: where it has become another meanwhile, reading
 *     ends with ARTIFACT_CHANGED, never with bytes of both.
 * F4  Memory is bounded, whatever the size of the file and of its rows.
 */
export interface Artifacts {
  /**
   * @param path as the node named it
   * @throws BusbarError ARTIFACT_NOT_FOUND, ARTIFACT_REFUSED
   */
  open(path: string): Promise<Artifact>;
}

/** A file that is open. Whoever opened it closes it. */
export interface Artifact {
  /** The last part of its path. */
  readonly name: string;
  readonly size: number;
  readonly mediaType: string;
  /** RFC 3339. */
  readonly modifiedAt: string;
  /**
   * Another one for every other content, as far as sizes and times tell; in the form of HTTP (RFC 9110, 8.8.3). Weak
   * while the file may change without its time changing.
   */
  readonly etag: string;
  /** Bytes of the file; all of them if left out. @throws BusbarError ARTIFACT_CHANGED */
  read(span?: Span): AsyncIterable<Uint8Array>;
  /**
   * Where rows of a CSV file are. It reads all that is before them.
   * @throws BusbarError ARTIFACT_NO_ROWS, ARTIFACT_CHANGED; the signal's reason
   */
  findRows(wanted: RowRange, signal?: AbortSignal): Promise<FoundRows>;
  close(): Promise<void>;
}

/** Some of the bytes of a file: from `start`, up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Rows of a table, both ends included; 1 is the first one after the header. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** Where rows are in their file. */
export interface FoundRows {
  /** The first line of the file, with its line end. */
  readonly header: Span;
  /** The rows, with their line ends; empty where the file has none of them. */
  readonly rows: Span;
  /** How many those are. */
  readonly count: number;
  /** How many rows the file has, where its end was reached. */
  readonly total?: number;
}
