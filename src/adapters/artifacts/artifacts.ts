import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Artifact, Artifacts, FoundRows, RowRange, Span } from "../../ports/artifacts.ts";
import { createRowFinder } from "./find-rows.ts";
import { mediaTypeOf } from "./media-type.ts";
import { type OpenBeneath, openBeneath } from "./open-beneath.ts";
import { type DataDir, findPlace } from "./place.ts";
import { changed } from "./refusals.ts";
import { createRowIndex, createRowIndexes, type RowIndex } from "./row-index.ts";

export interface ArtifactsOptions {
  /** What nodes name under the longest prefix is looked for in its folder. */
  readonly dataDirs: readonly DataDir[];
  readonly clock: Pick<Clock, "now">;
  /** For tests of the way that other systems need. */
  readonly open?: OpenBeneath;
}

/** How much of a file is held at a time. */
const PIECE_BYTES = 64 * 1024;

/** How far rows are looked for: a few seconds of reading. */
const MAX_SEARCH_BYTES = 1024 ** 3;

/** Two changes so near to each other may leave the same time behind: that of the kernel's tick, or of the disk's format. */
const SAME_TIME_MS = 2000;

/** What a date can say: a disk can hold more. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/** Opens what nodes made in folders of this machine. */
export function createArtifacts({ dataDirs, clock, open = openBeneath }: ArtifactsOptions): Artifacts {
  const indexOf = createRowIndexes();
  return {
    async open(path) {
      const place = findPlace(path, dataDirs);
      const name = place.parts.at(-1) ?? "";
      const handle = await open(place);
      try {
        return artifactOf(handle, await handle.stat({ bigint: true }), name, clock.now(), indexOf);
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
    },
  };
}

function artifactOf(
  handle: FileHandle,
  stat: BigIntStats,
  name: string,
  nowMs: number,
  indexOf: (file: string) => RowIndex,
): Artifact {
  const size = Number(stat.size);
  const modifiedMs = Math.min(Math.max(Number(stat.mtimeMs), -MAX_DATE_MS), MAX_DATE_MS);
  const state = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs]
    .map((number) => number.toString(36))
    .join("-");
  const whole: Span = { start: 0, end: size };
  /** It may still be written to at the time that it has: then nothing tells what it says from what it said. */
  const isFresh = nowMs - modifiedMs < SAME_TIME_MS;

  async function* read(span: Span = whole): AsyncGenerator<Uint8Array> {
    let at = span.start;
    const end = Math.min(span.end, size);
    while (at < end) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, end - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw changed(name);
      at += bytesRead;
      if (at >= end) await requireSame();
      yield piece.subarray(0, bytesRead);
    }
  }

  /** A file that is written into keeps its handle; one that is replaced is another file, and this one stays as it was. */
  async function requireSame(): Promise<void> {
    const now = await handle.stat({ bigint: true });
    if (now.size !== stat.size || now.mtimeNs !== stat.mtimeNs) throw changed(name);
  }

  async function findRows(wanted: RowRange, signal?: AbortSignal): Promise<FoundRows> {
    if (!mediaTypeOf(name).startsWith("text/csv")) {
      throw new BusbarError("ARTIFACT_NO_ROWS", `${name} is no CSV file by its name`);
    }
    const finder = createRowFinder(wanted, isFresh ? createRowIndex() : indexOf(state));
    const end = Math.min(size, MAX_SEARCH_BYTES);
    for await (const piece of read({ start: finder.start, end })) {
      signal?.throwIfAborted();
      if (finder.take(piece)) return finder.found(size);
    }
    if (end < size) {
      throw new BusbarError("ARTIFACT_NO_ROWS", `the rows lie beyond the first ${MAX_SEARCH_BYTES} bytes of ${name}`);
    }
    return finder.found(size);
  }

  return {
    name,
    size,
    mediaType: mediaTypeOf(name),
    modifiedAt: timestampOf(modifiedMs),
    etag: isFresh ? `W/"${state}"` : `"${state}"`,
    read,
    findRows,
    close: () => handle.close(),
  };
}
