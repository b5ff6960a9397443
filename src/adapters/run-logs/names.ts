/** A file of an attempt. */
export interface SegmentName {
  /** Only files of the highest one count: what is older was restarted. */
  readonly round: number;
  /** Counts who opened the attempt for writing; a line does not go on in another's files. */
  readonly writer: number;
  /**
   * Bytes that the container had written before what is in the file, in this round: so a gap shows, and how large it is.
   */
  readonly offset: number;
  /** Busbar 0.1.0 wrote it: JSON, and its offset counts the bytes of files. */
  readonly isOlder: boolean;
}

/** `1.2.000000008388608.log` */
export function segmentName({ round, writer, offset, isOlder }: SegmentName): string {
  return `${round}.${writer}.${String(offset).padStart(15, "0")}.${isOlder ? "jsonl" : "log"}`;
}

const SEGMENT = /^(\d{1,9})\.(\d{1,9})\.(\d{15})\.(jsonl|log)$/;

/** Undefined for a file that is none of ours. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = SEGMENT.exec(name);
  if (match === null) return undefined;
  return {
    round: Number(match[1]),
    writer: Number(match[2]),
    offset: Number(match[3]),
    isOlder: match[4] === "jsonl",
  };
}

export function compareSegments(a: SegmentName, b: SegmentName): number {
  return a.round - b.round || a.writer - b.writer || a.offset - b.offset;
}

/** The number of an attempt's folder; undefined for one that is none of ours. */
export function parseAttempt(name: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(name) ? Number(name) : undefined;
}
