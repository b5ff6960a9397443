import { type RestatePromise as Promised, RestatePromise } from "@restatedev/restate-sdk";

/** Many promises of Restate, of which the first to settle is asked for again and again, while others come and go. */
export interface FirstOf<T> {
  /** Another of that name takes its place. */
  set(name: string, promise: Promised<T>): void;
  delete(name: string): void;
  next(): Promise<T>;
}

interface Group<T> {
  readonly members: Map<string, Promised<T>>;
  race: Promised<T> | undefined;
}

/** Members of a group. Close to the square root of as many as there may be. */
const GROUP = 32;

/**
 * A race leaves something behind at each of its promises until that settles: one over all of them, made anew for each
 * that settles, takes memory by the square of their number. So they stand in groups, whose races last until one of the
 * group settles or it changes otherwise.
 */
export function createFirstOf<T>(): FirstOf<T> {
  const groups = new Map<string, Group<T>>();
  const all = new Set<Group<T>>();
  const open = new Set<Group<T>>();

  function groupWithRoom(): Group<T> {
    const [some] = open;
    if (some !== undefined) return some;
    const group: Group<T> = { members: new Map(), race: undefined };
    all.add(group);
    open.add(group);
    return group;
  }

  function remove(name: string): void {
    const group = groups.get(name);
    if (group === undefined) return;
    groups.delete(name);
    group.members.delete(name);
    group.race = undefined;
    open.add(group);
    if (group.members.size > 0) return;
    all.delete(group);
    open.delete(group);
  }

  return {
    set(name, promise) {
      remove(name);
      const group = groupWithRoom();
      groups.set(name, group);
      group.members.set(name, promise);
      group.race = undefined;
      if (group.members.size >= GROUP) open.delete(group);
    },
    delete: remove,
    next() {
      const races = [...all].map((group) => {
        group.race ??= RestatePromise.race([...group.members.values()]);
        return group.race;
      });
      return RestatePromise.race(races);
    },
  };
}
