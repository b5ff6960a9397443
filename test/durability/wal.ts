import type { SystemCall } from "./strace.ts";

/** What the disk was told to keep, from one moment of the trace on. */
interface Synced {
  readonly from: number;
  readonly text: string;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * What would have survived a power cut, by the system calls alone: pages of
 * committed transactions whose frames were in the WAL before an fsync that had
 * returned (https://www.sqlite.org/fileformat.html, "The Write-Ahead Log").
 */
export interface DurableText {
  /** Whether these bytes of text were durable when the call at this place of the trace began. */
  has(text: string, place: number): boolean;
  /** How often the WAL was synced. */
  readonly syncs: number;
}

export function followWal(calls: readonly SystemCall[]): DurableText {
  const synced: Synced[] = [];
  const written: SystemCall[] = [];
  let image = Buffer.alloc(0);
  let known = { salts: "", frames: 0 };
  let syncs = 0;

  for (const call of calls) {
    if (!call.target.endsWith("/journal.db-wal")) continue;
    if (call.name === "pwrite64") written.push(call);
    if (call.name !== "fsync" && call.name !== "fdatasync") continue;
    syncs += 1;
    for (const write of written.filter((one) => one.ended < call.began)) image = put(image, write);
    const salts = image.toString("hex", 16, 24);
    const frames = committedFrames(image);
    const before = salts === known.salts ? known.frames : 0;
    if (frames.length > before) synced.push({ from: call.ended, text: frames.slice(before).join("") });
    known = { salts, frames: frames.length };
  }
  return {
    syncs,
    has(text, place) {
      const bytes = Buffer.from(text).toString("latin1");
      return synced.some((one) => one.from < place && one.text.includes(bytes));
    },
  };
}

function put(image: Buffer<ArrayBuffer>, { data, offset }: SystemCall): Buffer<ArrayBuffer> {
  const end = offset + data.length;
  const grown = image.length >= end ? image : Buffer.concat([image, Buffer.alloc(end - image.length)]);
  data.copy(grown, offset);
  return grown;
}

/** The pages in the WAL, up to the last frame that ends a transaction, as text of single bytes. */
function committedFrames(image: Buffer): readonly string[] {
  if (image.length < HEADER_BYTES) return [];
  const pageBytes = image.readUInt32BE(8);
  const salts = image.subarray(16, 24);
  const pages: string[] = [];
  let committed = 0;
  const step = FRAME_HEADER_BYTES + pageBytes;
  for (let at = HEADER_BYTES; at + step <= image.length; at += step) {
    if (!image.subarray(at + 8, at + 16).equals(salts)) break;
    pages.push(image.toString("latin1", at + FRAME_HEADER_BYTES, at + step));
    if (image.readUInt32BE(at + 4) !== 0) committed = pages.length;
  }
  return pages.slice(0, committed);
}
