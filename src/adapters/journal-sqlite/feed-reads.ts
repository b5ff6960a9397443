// The events of all runs in the order of their positions: that of their commits, since SQLite has one writer at a time
// and gives a position within its transaction. Whoever sees a position sees all lower ones.
import type { StatementSync } from "node:sqlite";
import type { RunEvent } from "../../engine/events.ts";
import type { BusbarError, ErrorInfo } from "../../kernel/errors.ts";
import { beginFeed, type FeedEnds, type FeedPage, type FeedRow, pageOf } from "../../ports/feed.ts";
import { chain, chainStart } from "./checksum.ts";
import type { Row, Totals } from "./rows.ts";
import { damagedJournal, damagedRun } from "./sqlite-errors.ts";

/** A page ends with either, so that reading one holds nobody up. */
const PAGE_EVENTS = 200;
const PAGE_CHARACTERS = 128 * 1024;

/** `pos` is another name of the rowid, which version 1 has alone. */
const EVENTS = `
SELECT event.rowid AS pos, event.seq, event.body, event.crc, run_id, last_seq, last_crc, before.crc AS crc_before
FROM events AS event LEFT JOIN runs ON n = event.run
LEFT JOIN events AS before ON before.run = event.run AND before.seq = event.seq - 1
WHERE event.rowid > ? ORDER BY event.rowid LIMIT ${PAGE_EVENTS + 1}`;

/** What a page needs of the snapshot that it is read in. */
export interface FeedSource {
  readonly prepare: (sql: string) => StatementSync;
  readonly stateDir: string;
  readonly readTotals: () => Totals;
}

/** @throws BusbarError USAGE, JOURNAL_DAMAGED; errors of SQLite */
export function readFeedPage({ prepare, stateDir, readTotals }: FeedSource, after: string | undefined): FeedPage {
  const { pruned, lastPos } = readTotals();
  const stored = Number(prepare("SELECT coalesce(max(rowid), 0) AS pos FROM events").get()?.pos);
  const ends: FeedEnds = {
    // The events at the highest positions may be gone.
    last: Math.max(stored, lastPos),
    pruned,
    crcAt(pos) {
      const crc = prepare("SELECT crc FROM events WHERE rowid = ?").get(pos)?.crc;
      return crc === undefined ? undefined : Number(crc);
    },
  };
  const beginning = beginFeed(after, ends);
  const rows: FeedRow[] = [];
  let characters = 0;
  for (const row of prepare(EVENTS).iterate(beginning.place.pos)) {
    const { pos, crc, body } = row;
    characters += typeof body === "string" ? body.length : 0;
    if (rows.length === PAGE_EVENTS || (rows.length > 0 && characters > PAGE_CHARACTERS)) {
      return pageOf(beginning, rows, ends, false);
    }
    rows.push({ pos: Number(pos), crc: Number(crc), event: eventOf(row, stateDir) });
  }
  return pageOf(beginning, rows, ends, true);
}

function eventOf(row: Row, stateDir: string): RunEvent | ErrorInfo {
  const { pos, seq, body, crc, run_id: runId } = row;
  if (typeof runId !== "string") {
    return damagedJournal(stateDir, `the run of the event at position ${pos} is missing`).toInfo();
  }
  const damaged = (why: string): ErrorInfo => refusal(runId, seq, why).toInfo();
  const before = seq === 1 ? chainStart(runId) : row.crc_before;
  if (typeof before !== "number") return damaged("the event before it is missing");
  if (typeof body !== "string" || chain(before, body) !== crc) return damaged("its checksum does not fit");
  if (Number(seq) > Number(row.last_seq) || (seq === row.last_seq && crc !== row.last_crc)) {
    return damaged("it is not the one its run was left with");
  }
  return JSON.parse(body);
}

function refusal(runId: string, seq: unknown, why: string): BusbarError {
  return damagedRun(runId, typeof seq === "number" ? seq : undefined, why);
}
