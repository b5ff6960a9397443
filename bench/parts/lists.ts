import { statSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { openJournalReader } from "../../src/adapters/journal-sqlite/reader.ts";
import { SELECT } from "../../src/adapters/journal-sqlite/rows.ts";
import { databasePath } from "../../src/adapters/journal-sqlite/state-dir.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import type { RunStatus } from "../../src/engine/status.ts";
import type { JournalReader } from "../../src/ports/journal.ts";
import { newRun, summaryWith } from "../../src/testing/journal-runs.ts";
import type { Part } from "../harness/part.ts";
import { type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf, type Subject } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";

const RUNS = 100_000;
const FULL_RUNS = 1_000_000;
const PAGE = 20;
/** Readings a round: one takes microseconds. */
const READINGS = 100;
const AT_MOST = { bound: "at most", value: 5 } as const;

/** What finding runs costs among many, against SQLite reading the same columns of the same rows of the same file. */
export const listsPart: Part = {
  name: "lists",
  about: `lists and look-ups among ${RUNS.toLocaleString("en")} runs (--full: ${FULL_RUNS.toLocaleString("en")}), against bare SQLite`,
  async *measure({ folder, full, rounds, random, say }) {
    const count = full ? FULL_RUNS : RUNS;
    say(`  recording ${count.toLocaleString("en")} runs`);
    const stateDir = folder;
    await record(stateDir, count);
    const clock = createSystemClock();
    const path = databasePath(stateDir);
    const bare = new DatabaseSync(path, { readOnly: true });
    const reader = openJournalReader({ stateDir, clock });
    const options = { rounds, random };
    const report = async (
      name: string,
      ours: () => Promise<unknown>,
      theirs: () => unknown,
      more: { readonly asked?: typeof AT_MOST } = {},
    ): Promise<Result> => {
      const samples = await measureInRounds({ ours: timed(ours), theirs: timed(theirs) }, options);
      const note = `${inMicroseconds(samples.ours)} to ${inMicroseconds(samples.theirs)}`;
      return ratioResult("lists", name, ratioOf(samples.ours, samples.theirs), rounds, { note, ...more });
    };
    const compare = (name: string, ours: () => Promise<unknown>, theirs: () => unknown): Promise<Result> =>
      report(name, ours, theirs, { asked: AT_MOST });

    const page = bare.prepare(`${SELECT.run} WHERE status = ? AND n < ? ORDER BY n DESC LIMIT ${PAGE + 1}`);
    const list = (status: RunStatus, before?: string) =>
      reader.listRuns({ status, limit: PAGE, ...(before === undefined ? {} : { before }) });
    yield await compare(
      "by status, page 1",
      () => list("failed"),
      () => page.all("failed", count + 1),
    );
    const far = await cursorOfPage(reader, Math.min(1000, count / PAGE / 2));
    yield await compare(
      "by status, page 1,000",
      () => list("succeeded", far.next),
      () => page.all("succeeded", far.n),
    );
    yield await compare(
      "by status, no match",
      () => list("cancelled"),
      () => page.all("cancelled", count + 1),
    );
    const ended = bare.prepare(`${SELECT.run} WHERE n < ? AND ended IS NOT NULL ORDER BY n DESC LIMIT ${PAGE + 1}`);
    yield await report(
      "ended, page 1,000",
      () => reader.listRuns({ ended: true, limit: PAGE, before: far.next }),
      () => ended.all(far.n),
    );
    const since = bare.prepare(`${SELECT.run} WHERE created >= ? ORDER BY created DESC LIMIT ${PAGE + 1}`);
    yield await report(
      "since, no match",
      () => reader.listRuns({ since: "2026-01-01T00:00:00.000Z", limit: PAGE }),
      () => since.all(Date.parse("2026-01-01T00:00:00.000Z")),
    );
    const one = bare.prepare(`${SELECT.run} WHERE run_id = ?`);
    yield await compare(
      "an unknown id",
      () => reader.readRun("20261126T000000-nobody"),
      () => one.get("20261126T000000-nobody"),
    );
    // What was found out of one holds for the next that would lie in the same place.
    let [ours, theirs] = [0, 0];
    const other = (nth: number): string => `${idOf((nth * 7919) % count)}-nobody`;
    yield await report(
      "an unknown id, each time another",
      () => reader.readRun(other(ours++)),
      () => one.get(other(theirs++)),
    );
    const beginning = idOf(count >> 1).slice(0, -1);
    const prefix = bare.prepare("SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT 6");
    yield await compare(
      "a beginning of ids",
      () => reader.findRunIds(beginning, 6),
      () => prefix.all(beginning, `${beginning}\u{10ffff}`),
    );
    await reader.close();
    bare.close();

    const startUps = await measureInRounds({ ours: startUp(stateDir), theirs: startUpBare(path) }, options);
    yield ratioResult("lists", "start-up and the newest 20", ratioOf(startUps.ours, startUps.theirs), rounds, {
      note: `${inMicroseconds(startUps.ours)} to ${inMicroseconds(startUps.theirs)}`,
    });
    yield {
      ...{ part: "lists", name: "journal bytes a run, beside its later events", unit: "bytes" },
      value: Math.round(statSync(path).size / count),
    };
  },
};

const idOf = (index: number): string => `20261126T000000-${String(index).padStart(8, "0")}`;

async function record(stateDir: string, count: number): Promise<void> {
  const journal = await openSqliteJournal({
    ...{ stateDir, clock: createSystemClock(), ids: createSystemIds(), pid: process.pid, host: hostname() },
    synchronous: "OFF",
  });
  const BATCH = 1000;
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const status = (from + index) % 100 === 0 ? "failed" : "succeeded";
      const summary = summaryWith(status, { ended_at: "2025-01-01T00:00:01.000Z", duration_ms: 1000 });
      return journal.create(newRun(idOf(from + index), { summary }));
    });
    await Promise.all(batch);
  }
  await journal.close();
}

/** Where page `number` begins. */
async function cursorOfPage(
  reader: JournalReader,
  number: number,
): Promise<{ readonly next: string; readonly n: number }> {
  const { next } = await reader.listRuns({ status: "succeeded", limit: PAGE * (number - 1) });
  if (next === undefined) throw new Error("there are not so many pages");
  // A cursor is the number of a run.
  return { next, n: Number.parseInt(next.slice(1), 36) };
}

/** Milliseconds of one reading. */
function timed(read: () => unknown): Subject {
  return async () => {
    const began = performance.now();
    for (let reading = 0; reading < READINGS; reading += 1) await read();
    return (performance.now() - began) / READINGS;
  };
}

function startUp(stateDir: string): Subject {
  return async () => {
    const began = performance.now();
    const reader = openJournalReader({ stateDir, clock: createSystemClock() });
    await reader.listRuns({ limit: PAGE });
    const took = performance.now() - began;
    await reader.close();
    return took;
  };
}

function startUpBare(path: string): Subject {
  return () => {
    const began = performance.now();
    const db = new DatabaseSync(path, { readOnly: true });
    db.prepare(`${SELECT.run} ORDER BY n DESC LIMIT ${PAGE + 1}`).all();
    const took = performance.now() - began;
    db.close();
    return took;
  };
}

function inMicroseconds(values: readonly number[]): string {
  return `${Math.round(spreadOf(values).median * 1000)} µs`;
}
