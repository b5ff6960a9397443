import type { MemoryJournal } from "../src/adapters/journal-memory/journal.ts";
import type { MemoryStore } from "../src/adapters/journal-memory/store.ts";
import { BusbarError } from "../src/kernel/errors.ts";
import type { FeedPage } from "../src/ports/feed.ts";
import type { Append, Journal, NewRun, TakeOver } from "../src/ports/journal.ts";
import type { RequestRecord } from "../src/ports/requests.ts";
import type { Process, World } from "./world.ts";

/** What all journals stand on. */
export interface Disk {
  readonly store: MemoryStore;
  fullUntilMs: number;
  /** No write stalls any more. */
  isCalm: boolean;
  /** Runs whose containers have left something. */
  readonly logs: Set<string>;
}

/** What happens to the writes of one process. */
export interface WriteFaults {
  busyUntilMs: number;
  slowUntilMs: number;
  /** The next write happens, and its caller is told that it failed. */
  isUnacknowledged: boolean;
  crash: "before-write" | "after-write" | undefined;
}

export function noFaults(): WriteFaults {
  return { busyUntilMs: 0, slowUntilMs: 0, isUnacknowledged: false, crash: undefined };
}

/** Something that has become durable. */
export type Write =
  | { readonly kind: "create"; readonly run: NewRun }
  | { readonly kind: "append"; readonly append: Append }
  | { readonly kind: "takeOver"; readonly append: TakeOver }
  | { readonly kind: "request"; readonly request: RequestRecord }
  | { readonly kind: "prune"; readonly runId: string; readonly at: string };

export interface SimJournalOptions {
  readonly world: World;
  readonly disk: Disk;
  readonly process: Process;
  readonly faults: WriteFaults;
  /** Does what is asked; its checks are those of every journal. */
  readonly inner: MemoryJournal;
  /** Told of every write once it is durable. */
  readonly onWrite: (write: Write) => void;
  /** Told of every page of the feed as of when it was read. */
  readonly onPage: (after: string | undefined, page: FeedPage) => void;
  readonly crash: () => void;
}

/** A journal whose writes take virtual time, one after the other (J6), and go wrong as the faults say. */
export function createSimJournal(options: SimJournalOptions): Journal {
  const { world, disk, process, faults, inner, onWrite, onPage, crash } = options;
  const { draw } = process;
  const writes: (() => Promise<void>)[] = [];
  let isWriting = false;
  let asking = 0;

  function latencyMs(): number {
    if (disk.isCalm) return draw.between(0, 5);
    if (world.nowMs < faults.slowUntilMs) return draw.between(100, 3000);
    switch (draw.weighted({ none: 60, short: 30, long: 9, stall: 1 })) {
      case "none":
        return 0;
      case "short":
        return draw.between(0, 5);
      case "long":
        return draw.between(0, 50);
      case "stall":
        return draw.between(0, 500);
    }
  }

  function refusal(): BusbarError | undefined {
    if (world.nowMs < disk.fullUntilMs) return new BusbarError("JOURNAL_FULL", "the disk is full");
    if (world.nowMs < faults.busyUntilMs) return new BusbarError("JOURNAL_BUSY", "the journal is busy");
    return undefined;
  }

  /** Calls back in this process after a while. */
  function later(happen: () => void): void {
    world.after(latencyMs(), process, happen);
  }

  function write<T>(name: string, work: () => Promise<T>, run?: { readonly runId: string; readonly isFirst: boolean }) {
    // Until the process hears of it, it holds what it holds for a run whose events are under way.
    const refuse = (why: unknown): void =>
      later(() => {
        if (run !== undefined) process.undurable.set(run.runId, run.isFirst ? "left" : "refused");
        reject(why);
      });
    if (run !== undefined) process.undurable.set(run.runId, "writing");
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    writes.push(async () => {
      const refused = refusal();
      world.note(`${process.name} ${name}${refused === undefined ? "" : ` ${refused.code}`}`);
      if (refused !== undefined) return refuse(refused);
      if (faults.crash === "before-write") return crash();
      const isUnacknowledged = faults.isUnacknowledged;
      try {
        const value = await work();
        world.progress();
        faults.isUnacknowledged = false;
        if (faults.crash === "after-write") return crash();
        if (isUnacknowledged) {
          world.note(`${process.name} ${name} is not acknowledged`);
          return refuse(new BusbarError("JOURNAL_FAILED", "the journal could not be written"));
        }
        later(() => {
          if (run !== undefined) process.undurable.delete(run.runId);
          resolve(value);
        });
      } catch (thrown) {
        world.note(`${process.name} ${name}: ${String(thrown)}`);
        refuse(thrown);
      }
    });
    pump();
    return promise;
  }

  function pump(): void {
    const next = writes[0];
    if (isWriting || next === undefined) return;
    isWriting = true;
    later(() => {
      void next().then(() => {
        writes.shift();
        isWriting = false;
        pump();
      });
    });
  }

  function read<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    later(() => {
      if (world.nowMs < faults.busyUntilMs && draw.chance(0.3)) {
        return reject(new BusbarError("JOURNAL_BUSY", "the journal is busy"));
      }
      work().then(
        (value) => later(() => resolve(value)),
        (thrown: unknown) => later(() => reject(thrown)),
      );
    });
    return promise;
  }

  return {
    ownerId: inner.ownerId,
    location: inner.location,
    create: (run) =>
      write(
        `create ${run.runId}`,
        async () => {
          await inner.create(run);
          onWrite({ kind: "create", run });
        },
        { runId: run.runId, isFirst: true },
      ),
    append: (append) =>
      write(
        `append ${append.runId} ${wordsOf(append)}`,
        async () => {
          await inner.append(append);
          onWrite({ kind: "append", append });
        },
        { runId: append.runId, isFirst: false },
      ),
    takeOver: (append) =>
      write(
        `takeOver ${append.runId} ${wordsOf(append)}`,
        async () => {
          await inner.takeOver(append);
          onWrite({ kind: "takeOver", append });
        },
        { runId: append.runId, isFirst: true },
      ),
    addRequest: (asked) =>
      write(`request ${asked.runId} ${asked.key}`, async () => {
        const request = await inner.addRequest(asked);
        onWrite({ kind: "request", request });
        return request;
      }),
    prune: (runId, at) =>
      write(`prune ${runId}`, async () => {
        const isGone = await inner.prune(runId, at);
        world.note(`${process.name} ${runId} is ${isGone ? "gone" : "left"}`);
        if (isGone) onWrite({ kind: "prune", runId, at });
        return isGone;
      }),
    noteSwept: (runIds) => write("note swept", () => inner.noteSwept(runIds)),
    readSize: (runId) => read(() => inner.readSize(runId)),
    readUnswept: () => read(() => inner.readUnswept()),
    countRuns: () => read(() => inner.countRuns()),
    readOutcomes: (page) => read(() => inner.readOutcomes(page)),
    giveBack: () => write("give back", () => inner.giveBack()),
    readStored: (runId, earlier) => read(() => inner.readStored(runId, earlier)),
    readUnanswered: () => read(() => inner.readUnanswered()),
    readRun: (runId) => read(() => inner.readRun(runId)),
    listRuns: (filter) => read(() => inner.listRuns(filter)),
    findRunIds: (beginning, limit) => read(() => inner.findRunIds(beginning, limit)),
    readEvents: (runId, afterSeq, limit) => read(() => inner.readEvents(runId, afterSeq, limit)),
    readFeed: (after) =>
      read(async () => {
        const page = await inner.readFeed(after);
        onPage(after, page);
        return page;
      }),
    readDefinition: (hash) => read(() => inner.readDefinition(hash)),
    findByKey: (key) => read(() => inner.findByKey(key)),
    async readRequests(runId, filter) {
      asking += 1;
      if (!process.undurable.has(runId)) process.undurable.set(runId, "asking");
      try {
        return await read(() => inner.readRequests(runId, filter));
      } finally {
        asking -= 1;
        if (asking === 0) {
          for (const [id, how] of process.undurable) if (how === "asking") process.undurable.delete(id);
        }
      }
    },
    version: () => inner.version(),
    close() {
      // What is pending is let finish (J9).
      const { promise, resolve } = Promise.withResolvers<void>();
      writes.push(async () => {
        process.holdsLock = false;
        await inner.close();
        resolve();
      });
      pump();
      return promise;
    },
  };
}

function wordsOf({ events, answers }: Append): string {
  const words = events.map((event) => ("node_id" in event ? `${event.type}:${event.node_id}` : event.type));
  return [...words, ...(answers ?? []).map(({ requestId, answer }) => `${answer.kind}#${requestId}`)].join(" ");
}
