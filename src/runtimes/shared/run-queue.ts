import type { QueueWait } from "../../engine/explanation.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { WhenFull } from "../../workflow/model/concurrency.ts";
import type { Workflow } from "../../workflow/workflow.ts";

/**
 * Which runs of a server go on at once, and in which order the others follow: those that had started before go
 * first, then those with the higher priority, then those that were made first. One that cannot go on, because enough
 * others of its workflow do, holds up nobody behind it.
 */
export interface RunQueue {
  /** @throws BusbarError RUN_QUEUE_FULL where the run's file says that it is not to be made then */
  refuseFull(run: QueuedRun): void;
  /** The run is one of this process, from now on until `leave`. @param admitted called once for each `ask` that was answered by false */
  join(run: QueuedRun, admitted: () => void): QueuePlace;
  /** The runs that have to go so that this one, which is recorded by now, may go on (`when_full: cancel_oldest`). */
  displacedBy(runId: string): readonly string[];
  /** From now on until the answer is called only those go on that had started before: others may be on their way that go before them. */
  hold(): () => void;
  facts(): QueueFacts;
  /** Nobody is admitted any more. */
  close(): void;
}

/** A run, as far as its place in the queue depends on it. */
export interface QueuedRun {
  readonly runId: string;
  readonly workflow: Pick<Workflow, "name" | "concurrency">;
  readonly priority: number;
  /** It has been under way before, here or in an earlier process. */
  readonly hasStarted: boolean;
  /** Position in the order of making, of one that was made before. */
  readonly n?: number;
}

/** Where one run stands. */
export interface QueuePlace {
  /** True: it may go on now. Otherwise it is told when it may. */
  ask(): boolean;
  /** It goes on already, whether or not there is room for it. */
  goOn(): void;
  /** Gives back its place, or takes back that it asked. It may ask again. */
  release(): void;
  /** It ends, or is let go of. */
  leave(): void;
  /** What it waits for, if it has asked. */
  wait(): QueueWait | undefined;
}

/** How full it is. */
export interface QueueFacts {
  /** Runs that go on. */
  readonly running: number;
  /** Runs that wait for their turn. */
  readonly waiting: number;
  readonly maxRuns: number;
}

interface Member extends QueuedRun {
  /** Order of arrival in this process. */
  readonly arrival: number;
  readonly group: string;
  readonly limit: number;
  readonly whenFull: WhenFull;
  readonly admitted: () => void;
  stands: "apart" | "waiting" | "on";
  /** A newer one is to have its place. */
  isDisplaced: boolean;
}

export function createRunQueue(maxRuns: number): RunQueue {
  const members = new Map<string, Member>();
  const groups = new Map<string, Set<Member>>();
  /** In the order in which they go on. */
  const waiting: Member[] = [];
  const onInGroup = new Map<string, number>();
  let on = 0;
  let arrivals = 0;
  let holds = 0;
  let closed = false;

  const inGroup = (group: string): readonly Member[] => [...(groups.get(group) ?? [])];
  const isGroupFull = ({ group, limit }: Member): boolean => (onInGroup.get(group) ?? 0) >= limit;
  const hasRoom = (): boolean => !closed && on < maxRuns;
  const mayGoOn = (one: Member): boolean => !isGroupFull(one) && (holds === 0 || one.hasStarted);

  const put = (one: Member): void => {
    let [from, to] = [0, waiting.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = waiting[middle];
      if (other !== undefined && goesBefore(one, other)) to = middle;
      else from = middle + 1;
    }
    waiting.splice(from, 0, one);
    one.stands = "waiting";
  };
  const remove = (one: Member): void => {
    waiting.splice(waiting.indexOf(one), 1);
  };
  const admit = (one: Member): void => {
    one.stands = "on";
    on += 1;
    onInGroup.set(one.group, (onInGroup.get(one.group) ?? 0) + 1);
  };
  /** Whoever may go on now, in order. @param asking hears of it otherwise */
  const admitAll = (asking?: Member): void => {
    for (let place = 0; place < waiting.length && hasRoom(); ) {
      const one = waiting[place];
      if (one === undefined || !mayGoOn(one)) {
        place += 1;
        continue;
      }
      waiting.splice(place, 1);
      admit(one);
      if (one !== asking) one.admitted();
    }
  };
  const release = (one: Member): void => {
    if (one.stands === "apart") return;
    if (one.stands === "waiting") remove(one);
    else {
      on -= 1;
      const left = (onInGroup.get(one.group) ?? 0) - 1;
      if (left > 0) onInGroup.set(one.group, left);
      else onInGroup.delete(one.group);
    }
    one.stands = "apart";
    admitAll();
  };

  return {
    refuseFull(run) {
      const { concurrency, name } = run.workflow;
      if (concurrency?.whenFull !== "reject") return;
      const { maxRuns: most, key } = concurrency;
      if (inGroup(groupOf(run)).length < most) return;
      const runs = most === 1 ? "a run" : `${most} runs`;
      const withKey = key === undefined ? "" : ` with the key "${key.toString()}"`;
      const message = `${runs} of ${name}${withKey} ${most === 1 ? "has" : "have"} not ended, and its concurrency allows no more`;
      throw new BusbarError("RUN_QUEUE_FULL", message, { details: { workflow: name, max_runs: most } });
    },
    join(run, admitted) {
      arrivals += 1;
      const { concurrency } = run.workflow;
      const one: Member = {
        ...run,
        arrival: arrivals,
        group: groupOf(run),
        limit: concurrency?.maxRuns ?? Number.POSITIVE_INFINITY,
        whenFull: concurrency?.whenFull ?? "queue",
        admitted,
        stands: "apart",
        isDisplaced: false,
      };
      members.set(run.runId, one);
      groups.set(one.group, (groups.get(one.group) ?? new Set()).add(one));
      return {
        ask() {
          if (one.stands === "apart") put(one);
          admitAll(one);
          return one.stands === "on";
        },
        goOn() {
          if (one.stands === "on") return;
          if (one.stands === "waiting") remove(one);
          admit(one);
        },
        release: () => release(one),
        leave() {
          if (members.get(run.runId) === one) members.delete(run.runId);
          const group = groups.get(one.group);
          group?.delete(one);
          if (group?.size === 0) groups.delete(one.group);
          release(one);
        },
        wait: () => (one.stands === "waiting" ? waitOf(one, waiting, isGroupFull(one), maxRuns) : undefined),
      };
    },
    displacedBy(runId) {
      const one = members.get(runId);
      if (one?.whenFull !== "cancel_oldest") return [];
      const others = inGroup(one.group).filter((other) => !other.isDisplaced && other.arrival < one.arrival);
      const tooMany = Math.max(0, others.length + 1 - one.limit);
      const oldest = others.toSorted((a, b) => Number(a.stands === "on") - Number(b.stands === "on") || byAge(a, b));
      return oldest.slice(0, tooMany).map((other) => {
        other.isDisplaced = true;
        return other.runId;
      });
    },
    hold() {
      holds += 1;
      let isHeld = true;
      return () => {
        if (isHeld) holds -= 1;
        isHeld = false;
        admitAll();
      };
    },
    facts: () => ({ running: on, waiting: waiting.length, maxRuns }),
    close() {
      closed = true;
    },
  };
}

/** Runs that are counted together. */
function groupOf({ workflow: { name, concurrency } }: QueuedRun): string {
  return JSON.stringify([name, concurrency?.key ?? null]);
}

function goesBefore(one: Member, other: Member): boolean {
  if (one.hasStarted !== other.hasStarted) return one.hasStarted;
  if (one.priority !== other.priority) return one.priority > other.priority;
  return byAge(one, other) < 0;
}

/** Those that were made in this process are younger than all that were there before. */
function byAge(one: Member, other: Member): number {
  const [mine, theirs] = [one.n ?? Number.POSITIVE_INFINITY, other.n ?? Number.POSITIVE_INFINITY];
  return mine === theirs ? one.arrival - other.arrival : mine - theirs;
}

function waitOf(one: Member, waiting: readonly Member[], isGroupFull: boolean, maxRuns: number): QueueWait {
  const before = waiting.slice(0, waiting.indexOf(one));
  if (!isGroupFull) return { ahead: before.length, limit: "server", max_runs: maxRuns };
  const { key } = one.workflow.concurrency ?? {};
  return {
    ahead: before.filter(({ group }) => group === one.group).length,
    limit: "concurrency",
    max_runs: one.limit,
    ...(key === undefined ? {} : { key: String(key) }),
  };
}
