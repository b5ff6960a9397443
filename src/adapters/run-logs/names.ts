import { createHash } from "node:crypto";

/** Letters of an id that its folder shows, where the id itself cannot be the name. */
const SHOWN = 32;

/** Devices of Windows, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/;

/** Means the same on every file system: no capitals, no end that Windows cuts off. `~` stands in made names only. */
const PLAIN = /^[a-z0-9_-](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/;

/** Run ids as Busbar makes them; to keep their one capital, its small twin is no plain name. */
const MADE_RUN_ID = /^\d{8}T\d{6}-[a-z0-9]+$/;
const TWIN = /^\d{8}t\d{6}-/;

/**
 * The folder of a run or node: its id where that is a name on every file system; otherwise as much of it as can be
 * shown, and a hash by which ids differ that a file system takes for the same (capitals, accents, `CON`, `..`).
 */
export function folderName(id: string): string {
  if (MADE_RUN_ID.test(id)) return id;
  if (PLAIN.test(id) && !RESERVED.test(id) && !TWIN.test(id)) return id;
  const shown = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .slice(0, SHOWN);
  return `_${shown}~${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

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
