import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { AccessReader } from "../../ports/access.ts";
import type { IntegrityCheck } from "../../ports/checks.ts";
import { beginFeed, type FeedEnds, pageOf } from "../../ports/feed.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { busyError, retryWhileBusy } from "./busy.ts";
import { findDamage } from "./integrity.ts";
import { isLocked, ownerLockPath } from "./owner-lock.ts";
import type { Presence } from "./presence.ts";
import { createReads, type Reads } from "./reads.ts";
import { toJournalError } from "./sqlite-errors.ts";
import { holdsJournal } from "./state-dir.ts";

/** Where no journal is. */
const NO_EVENTS: FeedEnds = { last: 0, pruned: 0, crcAt: () => undefined };

/** An open database, and how it is left. */
export interface Connection {
  readonly db: DatabaseSync;
  /** Of its files; a private copy has none to lose. */
  readonly presence?: Presence;
  close(): void;
}

/**
 * A journal that is opened when it is first needed: nothing is made where nothing is, and what appears later is seen.
 * One that was removed or replaced is let go of, and what lies there now is opened.
 */
export interface LateJournal<C extends Connection> {
  readonly reader: JournalReader & IntegrityCheck & AccessReader;
  /** Tries again while the database is locked; `ifNothing` is the answer where there is no journal. */
  use<T>(action: (connection: C) => T, ifNothing: () => T): Promise<T>;
}

/** @param open opens a database that is there */
export function openLate<C extends Connection>(
  { stateDir, clock }: { readonly stateDir: string; readonly clock: Clock },
  open: () => C,
): LateJournal<C> {
  let opened: { readonly connection: C; readonly reads: Reads } | undefined;
  let closed = false;
  /** What `version` has grown to through journals that are let go of. */
  let versionBefore = 0;
  const isAlive = (ownerId: string): boolean => isLocked(ownerLockPath(stateDir, ownerId));

  const version = (): number => versionBefore + (opened?.reads.dataVersion() ?? 0);

  const letGoOfLost = (): void => {
    if (opened?.connection.presence?.holds() !== false) return;
    versionBefore = version() + 1;
    opened.connection.close();
    opened = undefined;
  };

  const connect = (): typeof opened => {
    letGoOfLost();
    if (opened !== undefined) return opened;
    if (!holdsJournal(stateDir)) return undefined;
    const connection = open();
    opened = { connection, reads: createReads(connection.db, stateDir, isAlive) };
    return opened;
  };

  const withOpened = async <T>(
    action: (opened: { readonly connection: C; readonly reads: Reads }) => T,
    ifNothing: () => T,
  ): Promise<T> => {
    if (closed) throw new BusbarError("JOURNAL_FAILED", `The journal in ${stateDir} is closed`);
    try {
      const attempt = (): T => {
        const found = connect();
        return found === undefined ? ifNothing() : action(found);
      };
      return await retryWhileBusy(clock, attempt, () => busyError(stateDir, opened?.reads));
    } catch (thrown) {
      throw toJournalError(thrown, { stateDir, readOnly: true });
    }
  };
  const read = <T>(action: (reads: Reads) => T, empty: T): Promise<T> =>
    withOpened(
      ({ reads }) => action(reads),
      () => empty,
    );

  return {
    use: (action, ifNothing) => withOpened(({ connection }) => action(connection), ifNothing),
    reader: {
      location: stateDir,
      readRun: (runId) => read((reads) => reads.run(runId), undefined),
      readStored: (runId, earlier = []) => read((reads) => reads.stored(runId, earlier), undefined),
      listRuns: (filter = {}) => read((reads) => reads.runs(filter), { runs: [], damaged: [] }),
      findRunIds: (beginning, limit) => read((reads) => reads.findIds(beginning, limit), []),
      readEvents: (runId, afterSeq = 0, limit) => read((reads) => reads.events(runId, afterSeq, limit), []),
      readFeed: (after) =>
        withOpened(
          ({ reads }) => reads.feed(after),
          () => pageOf(beginFeed(after, NO_EVENTS), [], NO_EVENTS, true),
        ),
      readDefinition: (hash) => read((reads) => reads.definition(hash), undefined),
      findByKey: (key) => read((reads) => reads.byKey(key), undefined),
      readRequests: (runId, filter = {}) => read((reads) => reads.requests(runId, filter.unanswered ?? false), []),
      tokens: { list: () => read((reads) => reads.tokens().tokens.map(({ record }) => record), []) },
      audit: { read: (page) => read((reads) => reads.audit(page), { entries: [] }) },
      // A journal that appears later has a data version of at least 1.
      version() {
        letGoOfLost();
        return version();
      },
      checkIntegrity: () =>
        withOpened(
          ({ connection, reads }) => findDamage(connection.db, reads, stateDir),
          () => [],
        ),
      async close() {
        closed = true;
        opened?.connection.close();
        opened = undefined;
      },
    },
  };
}
