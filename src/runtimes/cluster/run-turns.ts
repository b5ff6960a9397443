import type { AdmitInput, DisplaceInput, StoredHead } from "../../adapters/restate/wire.ts";
import type { QueueWait } from "../../engine/explanation.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import { createWaits, type Pace } from "../shared/looks.ts";
import { createRunQueue, type QueuedRun, type QueueFacts, type QueuePlace } from "../shared/run-queue.ts";

/**
 * The queue of a server whose runs go on in a cluster. It says which run goes on next, and tells its drive; how the runs
 * stand it learns from their heads, which it looks at again and again: whatever it missed follows from the next look, and
 * a drive that does not see to what it was told is told again after a while. A run waits for the server; one that goes on needs none.
 */
export interface RunTurns {
  /**
   * Before a run is submitted: from now on it is counted.
   * @throws BusbarError RUN_QUEUE_FULL; CLUSTER_… where the runs that are there could not be looked at
   */
  enter(run: RunThatEnters): Promise<Entrance>;
  /** What a run waits for, if it does. */
  waitOf(runId: string): QueueWait | undefined;
  facts(): QueueFacts;
  /** Ends the looking. Runs that wait go on waiting, for the next server. */
  close(): Promise<void>;
}

/** A run that is to go on here. */
export interface RunThatEnters extends QueuedRun {
  readonly workflow: Workflow;
  /** Of the drive that is to be submitted. */
  readonly epoch: number;
}

/** A run that has not been submitted yet. */
export interface Entrance {
  /** It has to wait for its turn. */
  readonly queues: boolean;
  /** It is submitted, or was not. */
  settle(isSubmitted: boolean): void;
}

export interface RunTurnsOptions {
  readonly maxRuns: number;
  readonly clock: Clock;
  readonly runs: RunsToLookAt;
  /** Told of each run that goes on, and of when it does no more. The workflow is bound; not known of runs that were there before. */
  readonly onDrive?: (runId: string, workflow: Workflow | undefined, ended: Promise<void>) => void;
  /** Told when looking fails that had not failed before. */
  readonly onTrouble: (trouble: unknown) => void;
}

/** How the runs of a cluster stand. */
export interface RunsToLookAt {
  readHead(runId: string): Promise<StoredHead | null>;
  /** Whether anybody works on the drive. */
  isUnderWay(invocation: string): Promise<boolean>;
  /** Runs of servers that have not ended and whose drives are at work, in any order. */
  listUnderWay(): Promise<readonly (readonly [runId: string, head: StoredHead])[]>;
  admit(runId: string, input: AdmitInput): Promise<void>;
  displace(runId: string, input: DisplaceInput): Promise<void>;
}

interface Member {
  readonly runId: string;
  readonly place: QueuePlace;
  /** Of the latest drive that is known of. */
  epoch: number;
  /** It was there before, or its submission has been taken. */
  isThere: boolean;
  /** The run that goes on in its place. */
  newer?: string;
  /** When it was looked at, by the clock that never goes back. */
  lookedMs: number;
  /** When its drive was last seen at work. */
  aliveMs: number;
  readonly over: () => void;
  look?: Promise<void>;
  /** What its drive was told last of each kind, and when. */
  readonly told: Map<"admitted" | "displaced", { readonly what: string; readonly atMs: number }>;
  /** Something has happened since the look that is under way began. */
  isStale: boolean;
}

/** While somebody waits for a place; while nobody does, only the figures follow from it. */
const PACE: Pace = { firstMs: 50, longestMs: 500 };
const IDLE_LOOK_MS = 2_000;
/** Runs that wait are looked at in turn, so many each time. */
const WAITING_LOOKS = 20;
const LOOKS_AT_ONCE = 8;
/** A drive that is gone without an end says nothing of it in the head. */
const ALIVE_MS = 5_000;
const FAILED_WAIT_MS = 1_000;
/** What a drive was told is kept for it: it is told again only in case that was lost. */
const TELL_AGAIN_MS = 30_000;
/** Runs that wait and that nobody knows are found after so long. */
const ADOPT_MS = 30_000;

export function createRunTurns(options: RunTurnsOptions): RunTurns {
  const { maxRuns, clock, runs, onDrive, onTrouble } = options;
  const queue = createRunQueue(maxRuns);
  const members = new Map<string, Member>();
  const waits = createWaits(PACE);
  let closed = false;
  let adoptedMs = 0;
  let wake: () => void = () => undefined;

  function join(run: QueuedRun, workflow: Workflow | undefined, epoch: number, isThere: boolean): Member {
    const earlier = members.get(run.runId);
    if (earlier !== undefined) leave(earlier);
    const { promise, resolve } = Promise.withResolvers<void>();
    const place = queue.join(run, () => void lookSoon(member));
    const now = clock.monotonic();
    const { runId } = run;
    const member: Member = {
      ...{ runId, place, epoch, isThere, lookedMs: now, aliveMs: now, isStale: false, told: new Map() },
      over: resolve,
    };
    members.set(run.runId, member);
    onDrive?.(run.runId, workflow, promise);
    return member;
  }

  function leave(member: Member): void {
    member.place.leave();
    member.over();
    if (members.get(member.runId) === member) members.delete(member.runId);
  }

  function lookSoon(member: Member): Promise<void> {
    member.isStale = true;
    member.look ??= lookUntilFresh(member).finally(() => delete member.look);
    return member.look;
  }

  /** Whatever fails is done again by the next look. */
  async function lookUntilFresh(member: Member): Promise<void> {
    while (member.isStale) {
      member.isStale = false;
      await look(member).catch(noteTrouble);
    }
  }

  async function look(member: Member): Promise<void> {
    if (!member.isThere || closed) return;
    const { runId, place } = member;
    const head = await runs.readHead(runId);
    member.lookedMs = clock.monotonic();
    hasFailed = false;
    if (head !== null && head.epoch < member.epoch) return;
    if (head === null || isTerminalRun(head.summary.status)) return leave(member);
    if (member.epoch !== head.epoch) member.aliveMs = 0;
    member.epoch = head.epoch;
    const { newer: by } = member;
    if (by !== undefined) {
      await tell(member, "displaced", `${head.epoch} ${by}`, () => runs.displace(runId, { by, atMs: clock.now() }));
    }
    if (head.queue === undefined) place.goOn();
    else if (!head.queue.waits) place.release();
    else if (place.ask()) {
      const { epoch, queue: stands } = head;
      const admit = () => runs.admit(runId, { epoch, asks: stands.asks, atMs: clock.now() });
      await tell(member, "admitted", `${epoch} ${stands.asks}`, admit);
    }
    if (clock.monotonic() - member.aliveMs < ALIVE_MS) return;
    if (await runs.isUnderWay(head.invocation)) member.aliveMs = clock.monotonic();
    // Between the reading and now it may have been taken up again: whoever did so has entered anew.
    else if ((await runs.readHead(runId))?.epoch === member.epoch) leave(member);
  }

  /** Once, however often it is looked at before its drive has seen to it. */
  async function tell(
    { told }: Member,
    kind: "admitted" | "displaced",
    what: string,
    send: () => Promise<void>,
  ): Promise<void> {
    const last = told.get(kind);
    if (last?.what === what && clock.monotonic() - last.atMs < TELL_AGAIN_MS) return;
    await send();
    told.set(kind, { what, atMs: clock.monotonic() });
  }

  let hasFailed = false;
  function noteTrouble(trouble: unknown): void {
    if (!hasFailed && !closed) onTrouble(trouble);
    hasFailed = true;
  }

  async function lookAt(some: Iterable<Member>): Promise<void> {
    const rest = [...some].values();
    const work = async (): Promise<void> => {
      for (const member of rest) await lookSoon(member);
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, work));
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Runs that this process does not know: an earlier one submitted them, or it was not told that they were taken. */
  async function adopt(): Promise<void> {
    const found = await runs.listUnderWay();
    const byAge = found.toSorted(([, a], [, b]) => (a.summary.created_at < b.summary.created_at ? -1 : 1));
    for (const [runId, head] of byAge) if (!members.has(runId)) adoptRun(runId, head);
    adoptedMs = clock.monotonic();
  }

  async function adoptFirst(): Promise<void> {
    while (!closed) {
      try {
        return await adopt();
      } catch (thrown) {
        noteTrouble(thrown);
        await pause(FAILED_WAIT_MS);
      }
    }
  }

  function adoptRun(runId: string, { summary, concurrency, priority = 0, epoch, queue: stands }: StoredHead): void {
    const workflow = { name: summary.workflow, ...(concurrency === undefined ? {} : { concurrency }) };
    const hasStarted = summary.started_at !== undefined;
    const n = Date.parse(summary.created_at);
    const member = join({ runId, workflow, priority, hasStarted, n }, undefined, epoch, true);
    if (stands === undefined) member.place.goOn();
    else if (stands.waits) member.place.ask();
  }

  async function follow(): Promise<void> {
    await adopted;
    release();
    await lookAt(members.values());
    while (!closed) {
      const before = queue.facts();
      await pause(before.waiting > 0 ? waits.next() : IDLE_LOOK_MS);
      if (closed) return;
      const others: Member[] = [];
      const on: Member[] = [];
      for (const member of members.values()) (member.place.wait() === undefined ? on : others).push(member);
      const longest = others.toSorted((a, b) => a.lookedMs - b.lookedMs).slice(0, WAITING_LOOKS);
      await lookAt([...on, ...(clock.monotonic() - (longest[0]?.lookedMs ?? 0) < IDLE_LOOK_MS ? [] : longest)]);
      const { running, waiting } = queue.facts();
      if (running !== before.running || waiting !== before.waiting) waits.reset();
      if (clock.monotonic() - adoptedMs > ADOPT_MS) await adopt().catch(noteTrouble);
    }
  }
  const release = queue.hold();
  const adopted = adoptFirst();
  const following = follow();

  /** A run that has ended since it was looked at is not to keep another one out. */
  async function lookBeside({ workflow }: QueuedRun): Promise<void> {
    const { whenFull } = workflow.concurrency ?? {};
    if (whenFull === "reject" || whenFull === "cancel_oldest") {
      await adopted;
      await lookAt(members.values());
    } else if (queue.facts().running >= maxRuns) wake();
  }

  return {
    async enter({ epoch, workflow, ...run }) {
      const queued = { ...run, workflow };
      await lookBeside(queued);
      queue.refuseFull(queued);
      const member = join(queued, workflow, epoch, false);
      const queues = !member.place.ask();
      return {
        queues,
        settle(isSubmitted) {
          if (!isSubmitted) return leave(member);
          member.isThere = true;
          for (const older of queue.displacedBy(run.runId)) {
            const one = members.get(older);
            if (one === undefined) continue;
            one.newer = run.runId;
            void lookSoon(one);
          }
          if (queues) void lookSoon(member);
        },
      };
    },
    waitOf: (runId) => members.get(runId)?.place.wait(),
    facts: () => queue.facts(),
    async close() {
      closed = true;
      queue.close();
      wake();
      await following;
      await Promise.all([...members.values()].map(({ look: under }) => under));
      for (const { over } of members.values()) over();
    },
  };
}
