// Every cut and every flipped byte of a journal ends as semantics.md ("Journal") says: what is read is
// identical or refused, or, for damage to the WAL only, as it was after an earlier commit. For damage to the database,
// a run may also be missing from a list, if the check of the whole journal finds damage. Never anything else.
// BUSBAR_CAMPAIGN=full tries every position (BUSBAR_LANE=1/6: one of six, the second); otherwise every STEPth,
// from a start that is printed.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openSqliteJournal, type SqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { openJournalReader } from "../src/adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { BusbarError } from "../src/kernel/errors.ts";
import { createSteppingIds } from "../src/kernel/ids.ts";
import { createSeededRandom } from "../src/kernel/random.ts";
import type { IntegrityFinding } from "../src/ports/checks.ts";
import type { NewRun, RunRecord, StoredRun, StoredRuns } from "../src/ports/journal.ts";
import type { RunFilter } from "../src/ports/run-filter.ts";
import {
  appendOf,
  definitionWith,
  newRun,
  nodeStarted,
  SUCCEEDED,
  summaryWith,
  takeOverOf,
} from "../src/testing/journal-runs.ts";

const FULL = process.env.BUSBAR_CAMPAIGN === "full";
const [LANE = 0, LANES = 1] = (process.env.BUSBAR_LANE ?? "0/1").split("/").map(Number);
const STEP = FULL ? LANES : 421;
/** Between two of the changes of how many entries a page has: there are fewer of them than of bytes. */
const RECOUNT_STEP = FULL ? LANES : 31;
const SEED = Number(process.env.BUSBAR_SEED ?? 20_261_123);
const MEMORY = "/dev/shm";
const RUNS = ["done", "left", "late", "gone"] as const;
const FILTERS: Readonly<Record<string, RunFilter>> = {
  running: { status: "running" },
  succeeded: { status: "succeeded" },
  "of its workflow": { workflow: "pipeline" },
  newest: { limit: 1 },
  "of a server": { origin: "server" },
};
const KEYS = ["done", "left", "late", "none"] as const;
const HASHES = [newRun("done").definition.hash, definitionWith("late: 1").hash];

const clock = createSystemClock();

interface Original {
  readonly db: Buffer;
  readonly wal: Buffer;
  /** All that can be read, after each commit that is only in the WAL; the last is the present. */
  readonly states: readonly State[];
}

/** What each reading gave, as JSON by the reading's name, or the code of its refusal. */
type State = ReadonlyMap<string, string>;

/** What the check of the whole journal says: a reading that is no part of what is compared. */
const DOCTOR = "doctor";

async function readAll(stateDir: string): Promise<State> {
  const reader = openJournalReader({ stateDir, clock });
  const state = new Map<string, string>();
  const note = async (name: string, reading: Promise<unknown>): Promise<void> => {
    const [result] = await Promise.allSettled([reading]);
    if (result?.status === "fulfilled") state.set(name, JSON.stringify(result.value) ?? "nothing");
    else if (result?.reason instanceof BusbarError) state.set(name, result.reason.code);
    else throw result?.reason;
  };
  await note("list all", reader.listRuns().then(refuseDamaged));
  // What a list shows beside damage must be exact as well.
  const listed = await reader.listRuns().catch(() => undefined);
  for (const record of listed?.runs ?? []) state.set(`listed ${record.runId}`, JSON.stringify(record));
  for (const run of RUNS) {
    await note(`run ${run}`, reader.readRun(run));
    await note(`all of ${run}`, reader.readStored(run).then(toPlain));
    await note(`events of ${run}`, reader.readEvents(run));
    await note(`requests of ${run}`, reader.readRequests(run));
  }
  for (const [name, filter] of Object.entries(FILTERS)) {
    await note(`list ${name}`, reader.listRuns(filter).then(refuseDamaged));
  }
  await note(
    DOCTOR,
    reader.checkIntegrity().then((findings) => (findings.length > 0 ? refuse(findings) : "nothing")),
  );
  for (const key of KEYS) await note(`key ${key}`, reader.findByKey(key));
  await note("list of tokens", reader.tokens.list());
  await note(
    "list of audit",
    reader.audit.read().then(({ entries }) => entries),
  );
  for (const hash of HASHES) await note(`workflow ${hash}`, reader.readDefinition(hash));
  await reader.close();
  return state;
}

function refuse(findings: readonly IntegrityFinding[]): never {
  const [{ error } = assert.fail()] = findings;
  throw new BusbarError(error.code, error.message);
}

function refuseDamaged({ runs, damaged: [first] }: StoredRuns): readonly RunRecord[] {
  if (first !== undefined) throw new BusbarError(first.code, first.message);
  return runs;
}

/** A map is nothing in JSON. */
function toPlain(stored: StoredRun | undefined): unknown {
  return stored && { ...stored, definitions: [...stored.definitions] };
}

const isRefusal = (value: string): boolean => value === "JOURNAL_DAMAGED" || value === "JOURNAL_NEWER";

/** Whether a reading is what it was but for runs that are not shown. A look-up of one run is never without it. */
function isWithoutSome(name: string, value: string, whole: string): boolean {
  if (name.startsWith("workflow ") || name.startsWith("key ")) return value === "nothing";
  if (!name.startsWith("list ")) return false;
  const shown: readonly unknown[] = JSON.parse(value);
  const rest: unknown[] = JSON.parse(whole);
  const texts = rest.map((record) => JSON.stringify(record));
  let from = 0;
  return shown.every((record) => {
    const at = texts.indexOf(JSON.stringify(record), from);
    from = at + 1;
    return at >= 0;
  });
}

/** Says what is wrong with a state, given those that are allowed. */
function objection(state: State, allowed: readonly State[], mayMiss: boolean): string | undefined {
  const isFound = isRefusal(state.get(DOCTOR) ?? "");
  const fitsIn = (candidate: State, name: string, value: string): boolean => {
    const whole = candidate.get(name) ?? "nothing";
    if (isRefusal(value) || value === whole) return true;
    return mayMiss && isFound && isWithoutSome(name, value, whole);
  };
  if (allowed.some((candidate) => [...state].every(([name, value]) => fitsIn(candidate, name, value))))
    return undefined;
  return JSON.stringify(
    [...state].filter(([name, value]) => name === DOCTOR || allowed.every((one) => !fitsIn(one, name, value))),
  );
}

describe("a damaged journal", () => {
  let folder: string;
  let original: Original;
  let damaged: string;

  before(async () => {
    // Nothing here depends on fsync, and 400,000 small databases are a burden for a disk.
    folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "busbar-damage-"));
    damaged = join(folder, "damaged");
    original = await makeOriginal(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const readDamaged = async (db: Buffer, wal: Buffer | undefined): Promise<State> => {
    rmSync(damaged, { recursive: true, force: true });
    mkdirSync(damaged);
    writeFileSync(join(damaged, "journal.db"), db);
    if (wal !== undefined) writeFileSync(join(damaged, "journal.db-wal"), wal);
    return readAll(damaged);
  };

  /**
   * Tries a damage at many positions of a file; every reading must fit one of the allowed states.
   * Returns which earlier states were met.
   */
  async function campaign(
    t: { diagnostic(message: string): void },
    size: number,
    read: (position: number, random: number) => Promise<State>,
    allowed: readonly State[],
    mayMiss: boolean,
    step = STEP,
  ): Promise<ReadonlySet<number>> {
    const random = createSeededRandom(SEED);
    const start = FULL ? LANE : Math.floor(random.next() * step);
    const counts = { identical: 0, refused: 0, missing: 0, earlier: 0 };
    const present = allowed.at(-1);
    const objections: string[] = [];
    const seen = new Set<number>();
    for (let position = start; position < size; position += step) {
      const state = await read(position, random.next());
      const why = objection(state, allowed, mayMiss);
      if (why !== undefined) objections.push(`at ${position}: ${why}`);
      else if (objection(state, allowed, false) !== undefined) counts.missing += 1;
      else if ([...state.values()].some(isRefusal)) counts.refused += 1;
      else if (present !== undefined && objection(state, [present], false) === undefined) counts.identical += 1;
      else {
        counts.earlier += 1;
        seen.add(allowed.findIndex((candidate) => objection(state, [candidate], false) === undefined));
      }
    }
    t.diagnostic(`seed ${SEED}, every ${step}th of ${size} bytes from ${start}: ${JSON.stringify(counts)}`);
    assert.deepEqual(objections.slice(0, 5), []);
    assert.ok(counts.refused + counts.earlier > 0);
    return seen;
  }

  const flip = (bytes: Buffer, position: number, random: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[position] = (copy[position] ?? 0) ^ (1 + Math.floor(random * 255));
    return copy;
  };

  it("reads as it was where nothing is damaged", async () => {
    const { db, wal, states } = original;
    const present = states.at(-1);
    assert.ok(present !== undefined);
    assert.deepEqual(await readDamaged(db, wal), present);
    assert.ok(![...present.values()].some(isRefusal));
    assert.equal(new Set(states.map((state) => JSON.stringify([...state]))).size, states.length);
    assert.deepEqual(await readDamaged(db, undefined), states[0]);
  });

  it("with a flipped byte in the database is identical or refused", async (t) => {
    const { db, wal, states } = original;
    await campaign(t, db.length, (at, random) => readDamaged(flip(db, at, random), wal), states.slice(-1), true);
  });

  it("with a flipped byte in the database and no WAL is identical or refused", async (t) => {
    const { db, states } = original;
    await campaign(
      t,
      db.length,
      (at, random) => readDamaged(flip(db, at, random), undefined),
      states.slice(0, 1),
      true,
    );
  });

  it("with a page that counts its entries otherwise is identical or refused", async (t) => {
    const { db, states } = original;
    // Two bytes of its header, after the file's own on the first page: https://www.sqlite.org/fileformat.html
    const recount = (nth: number): Buffer => {
      const [page, which, change] = [Math.floor(nth / 510), Math.floor(nth / 255) % 2, 1 + (nth % 255)];
      const bytes = Buffer.from(db);
      const at = page * 4096 + (page === 0 ? 100 : 0) + 3 + which;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      return bytes;
    };
    const changes = (db.length / 4096) * 510;
    await campaign(t, changes, (nth) => readDamaged(recount(nth), undefined), states.slice(0, 1), true, RECOUNT_STEP);
  });

  it("with a cut database is identical or refused", async (t) => {
    const { db, wal, states } = original;
    await campaign(t, db.length, (at) => readDamaged(db.subarray(0, at), wal), states.slice(-1), true);
  });

  it("with a cut database and no WAL is identical or refused", async (t) => {
    const { db, states } = original;
    await campaign(t, db.length, (at) => readDamaged(db.subarray(0, at), undefined), states.slice(0, 1), true);
  });

  it("with a flipped byte in the WAL is identical, refused, or as it was after an earlier commit", async (t) => {
    const { db, wal, states } = original;
    await campaign(t, wal.length, (at, random) => readDamaged(db, flip(wal, at, random)), states, false);
  });

  it("with a cut WAL is as it was after an earlier commit", async (t) => {
    const { db, wal, states } = original;
    const seen = await campaign(t, wal.length, (at) => readDamaged(db, wal.subarray(0, at)), states, false);
    assert.equal(seen.size, states.length - 1);
  });

  it("with a cut WAL goes on from there: what is appended next follows what can be read", async () => {
    const { db, wal } = original;
    for (let at = 0; at <= wal.length; at += Math.ceil(wal.length / 12)) {
      await readDamaged(db, wal.subarray(0, at));
      const journal = await open(damaged);
      const run = await journal.readRun("left");
      assert.ok(run !== undefined);
      await journal.takeOver(takeOverOf("left", run.lastSeq + 1, run.epoch + 1));
      await journal.append(appendOf("left", run.lastSeq + 2, [SUCCEEDED], { epoch: run.epoch + 1 }));
      assert.equal((await journal.readEvents("left")).length, run.lastSeq + 2);
      assert.deepEqual(await journal.checkIntegrity(), []);
      await journal.close();
    }
  });
});

function open(stateDir: string): Promise<SqliteJournal> {
  return openSqliteJournal({ stateDir, clock, ids: createSteppingIds(), pid: 1, host: "here" });
}

function keyed(runId: string, more: Partial<NewRun> = {}): NewRun {
  return newRun(runId, {
    ...more,
    origin: "server",
    priority: 3,
    idempotency: { key: runId, hash: `hash of ${runId}` },
  });
}

const ENTRY = { at: "2025-01-01T00:00:00.000Z", by: "token:abc", address: "127.0.0.1", outcome: "done" };

/**
 * A finished and an unfinished run in the database, tokens and an audit log; more of the latter two, and a third run, in
 * the WAL.
 */
async function makeOriginal(folder: string): Promise<Original> {
  const stateDir = join(folder, "original");
  const first = await open(stateDir);
  // Pruned, with its space given back, before anything else is recorded.
  for (const runId of ["gone", "gone too"]) {
    await first.create(newRun(runId, { definition: definitionWith(runId) }));
    const ended = { summary: summaryWith("failed", { ended_at: "2025-01-01T00:00:00.000Z" }) };
    await first.append(appendOf(runId, 2, [nodeStarted("a", "z".repeat(9000)), SUCCEEDED], ended));
  }
  await first.create(keyed("done"));
  for (const runId of ["gone", "gone too"]) assert.ok(await first.prune(runId, "2026-01-01T00:00:00.000Z"));
  await first.giveBack();
  await first.append(appendOf("done", 2, [nodeStarted("a"), nodeStarted("b", "x".repeat(5000))]));
  await first.append(appendOf("done", 4, [SUCCEEDED], { summary: summaryWith("succeeded") }));
  await first.create(keyed("left"));
  await first.append(appendOf("left", 2, [nodeStarted("a"), nodeStarted("b")]));
  await first.addRequest({ runId: "left", kind: "cancel", key: "k", by: "somebody", at: "2025-01-01T00:00:00.000Z" });
  for (const role of ["viewer", "admin"] as const) {
    const audit = { ...ENTRY, action: "token.create" };
    await first.tokens.create({ role, name: "x".repeat(40), expiresAt: "2027-01-01T00:00:00.000Z", audit });
  }
  await first.close();

  const states: State[] = [];
  const copy = join(folder, "copy");
  const journal = await open(stateDir);
  const note = async (): Promise<void> => {
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy);
    for (const name of ["journal.db", "journal.db-wal"])
      cpSync(join(stateDir, name), join(copy, name), { force: true });
    states.push(await readAll(copy));
  };
  await note();
  const answers = [{ requestId: 1, answer: { kind: "applied", seq: 4 } }] as const;
  await journal.takeOver(takeOverOf("left", 4, 2, { answers }));
  await note();
  const late = keyed("late", { definition: definitionWith("late: 1", { format: "yaml" }) });
  for (const step of [
    () => journal.create({ ...late, audit: { ...ENTRY, action: "run.start", run_id: "late" } }),
    () => journal.tokens.create({ role: "operator", audit: { ...ENTRY, action: "token.create" } }),
    () => journal.append(appendOf("left", 5, [nodeStarted("c"), nodeStarted("d", "y".repeat(5000))], { epoch: 2 })),
    () => journal.append(appendOf("late", 2, [nodeStarted("a")])),
    () => journal.append(appendOf("left", 7, [SUCCEEDED], { epoch: 2, summary: summaryWith("failed") })),
  ]) {
    await step();
    await note();
  }
  const db = readFileSync(join(copy, "journal.db"));
  const wal = readFileSync(join(copy, "journal.db-wal"));
  await journal.close();
  return { db, wal, states };
}
