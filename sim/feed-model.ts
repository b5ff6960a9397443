import type { RunEvent } from "../src/engine/events.ts";
import { decodePlace, type FeedItem, type FeedPage, NOW } from "../src/ports/feed.ts";
import type { World } from "./world.ts";

/** What the feed of all runs must give, told once more in the words of the port (J11). */
export interface FeedModel {
  onEvents(events: readonly RunEvent[]): void;
  onPruned(runId: string): void;
  /** Told of every page as of the moment at which it was read. */
  onPage(after: string | undefined, page: FeedPage): void;
  /** Takes what a feed gives, whoever reads it, one after the other. */
  follow(): (item: FeedItem) => void;
}

/** What a cursor means. */
interface Place {
  /** How many of all events stand before it. */
  readonly index: number;
  /** How many runs had been pruned when whoever has it knew of all that is before it. */
  readonly pruned: number;
}

interface Written {
  readonly runId: string;
  readonly seq: number;
  readonly text: string;
  /** Which pruning it went with, counted from 1. */
  prunedBy: number | undefined;
}

export function createFeedModel(world: World): FeedModel {
  const written: Written[] = [];
  const indexes = new Map<string, number>();
  const places = new Map<string, Place>();
  const positions = new Map<number, number>();
  let pruned = 0;
  const check = (holds: boolean, message: () => string): void => {
    if (!holds) world.fail("J11", message());
  };
  const nameOf = (index: number): string => {
    const one = written[index];
    return one === undefined ? "the end" : `event ${one.seq} of ${one.runId}`;
  };
  const know = (cursor: string, place: Place): void => {
    // One text may be given at several times, and then means the earliest: what is between them was pruned.
    const known = places.get(cursor) ?? place;
    const index = Math.min(known.index, place.index);
    places.set(cursor, { index, pruned: Math.min(known.pruned, place.pruned) });
  };
  const placeOf = (cursor: string | undefined): Place => {
    if (cursor === undefined) return { index: 0, pruned };
    if (cursor === NOW) return { index: written.length, pruned };
    const place = places.get(cursor);
    check(place !== undefined, () => `${cursor} was never given`);
    return place ?? { index: 0, pruned };
  };
  const indexOf = ({ run_id, seq }: RunEvent): number => {
    const index = indexes.get(`${run_id}/${seq}`);
    check(index !== undefined, () => `event ${seq} of ${run_id} is given, and is not durable`);
    return index ?? 0;
  };
  /** Everything between two places was pruned. @returns whether some of it since the first was given */
  const skip = (from: Place, to: number): boolean => {
    const between = written.slice(from.index, to);
    const left = between.findIndex(({ prunedBy }) => prunedBy === undefined);
    check(left < 0, () => `${nameOf(from.index + left)} is left out`);
    return between.some(({ prunedBy }) => prunedBy !== undefined && prunedBy > from.pruned);
  };

  function onEvent(cursor: string, event: RunEvent): number {
    const index = indexOf(event);
    check(written[index]?.text === JSON.stringify(event), () => `${nameOf(index)} is given otherwise`);
    check(written[index]?.prunedBy === undefined, () => `${nameOf(index)} is given, and was pruned`);
    const { pos } = decodePlace(cursor);
    const known = positions.get(pos) ?? index;
    check(known === index, () => `${nameOf(index)} has the position of ${nameOf(known)}`);
    positions.set(pos, index);
    return index;
  }

  return {
    onEvents(events) {
      for (const event of events) {
        indexes.set(`${event.run_id}/${event.seq}`, written.length);
        const { run_id: runId, seq } = event;
        written.push({ runId, seq, text: JSON.stringify(event), prunedBy: undefined });
      }
    },
    onPruned(runId) {
      pruned += 1;
      for (const one of written) if (one.runId === runId) one.prunedBy = pruned;
    },
    onPage(after, { items, cursor, isEnd }) {
      let place = placeOf(after);
      let reset: string | undefined;
      const goTo = (index: number, next: number): void => {
        check(index >= place.index, () => `${nameOf(index)} is given again`);
        const isTold = reset !== undefined;
        const isMissed = skip(place, index);
        // What was pruned since may be elsewhere than in an old gap.
        const mayBeTold = isMissed || (index > place.index && pruned > place.pruned);
        check(isTold ? mayBeTold : !isMissed, () => `a reset is ${isTold ? "" : "not "}told before ${nameOf(index)}`);
        if (reset !== undefined) know(reset, { index, pruned });
        place = { index: next, pruned: isTold ? pruned : place.pruned };
        reset = undefined;
      };
      for (const item of items) {
        if (item.kind === "event") {
          const index = onEvent(item.cursor, item.event);
          goTo(index, index + 1);
        } else if (item.kind === "reset") {
          check(item.reason === "pruned" && reset === undefined, () => `a reset is told: ${item.reason}`);
          reset = item.cursor;
          continue;
        } else check(item.kind === "now" && after === NOW, () => `${item.kind} is told after ${after}`);
        know(item.cursor, place);
      }
      if (isEnd) {
        goTo(written.length, written.length);
        place = { ...place, pruned };
      } else check(place.index > placeOf(after).index, () => `a page after ${after} leads nowhere`);
      know(cursor, place);
    },
    follow() {
      let last = 0;
      let isBegun = false;
      return (item) => {
        const index = item.kind === "event" ? indexOf(item.event) : placeOf(item.cursor).index;
        if (isBegun) {
          check(index >= last, () => `a feed gives ${nameOf(index)} after ${nameOf(last - 1)}`);
          skip({ index: last, pruned }, index);
        }
        isBegun = true;
        last = item.kind === "event" ? index + 1 : index;
      };
    },
  };
}
