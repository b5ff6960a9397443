import type { LogLine } from "../../ports/run-logs.ts";

/** How far the lines of a run have been given, so that whoever reads them again goes on behind that. */
export interface LogPlace {
  /** Takes note of a line that is given. */
  give(line: LogLine): void;
  /** Begins to read again all lines of all attempts; the result says of each of them whether it was given already. */
  again(): (line: LogLine) => boolean;
  /** Whether any line was given. */
  hasGiven(): boolean;
}

interface Given {
  /** Lines of this attempt that were given; those of its end, where the reading did not begin with its first. */
  count: number;
  /** Of the last of them. */
  lastAt: string;
  /** Those that were complete in that same millisecond. */
  atLast: string[];
}

/**
 * Lines of an attempt come in the order in which they were written (L4), so their number is a place.
 * @param isWhole whether the reading began with the first line of every attempt
 * @param latest whether of each node only the last attempt is read, and those after it
 */
export function createLogPlace(isWhole: boolean, latest: boolean): LogPlace {
  const given = new Map<string, Given>();
  const lastAttempts = new Map<string, number>();
  let firstAt: string | undefined;

  return {
    give({ node_id, attempt, at, text }) {
      firstAt ??= at;
      lastAttempts.set(node_id, Math.max(attempt, lastAttempts.get(node_id) ?? 0));
      const key = keyOf(node_id, attempt);
      const known = given.get(key) ?? { count: 0, lastAt: at, atLast: [] };
      known.count += 1;
      known.atLast = known.lastAt === at ? [...known.atLast, text] : [text];
      known.lastAt = at;
      given.set(key, known);
    },
    again() {
      // As it stands now: what is given from here on is behind it.
      const before = new Map([...given].map(([key, one]) => [key, { ...one }]));
      const last = new Map(lastAttempts);
      const oldest = firstAt;
      const seen = new Map<string, { count: number; matched: number }>();
      return ({ node_id, attempt, at, text }) => {
        if (latest && attempt < (last.get(node_id) ?? 0)) return true;
        const key = keyOf(node_id, attempt);
        const known = before.get(key);
        // What was cut off at the beginning is older than what was given first.
        if (known === undefined) return !isWhole && oldest !== undefined && at < oldest;
        const now = seen.get(key) ?? { count: 0, matched: 0 };
        seen.set(key, now);
        now.count += 1;
        if (isWhole) return now.count <= known.count;
        if (at !== known.lastAt) return at < known.lastAt;
        // Those of that millisecond that were given follow each other; what stands before them was cut off.
        if (now.matched === known.atLast.length) return false;
        if (text === known.atLast[now.matched]) now.matched += 1;
        else now.matched = text === known.atLast[0] ? 1 : 0;
        return true;
      };
    },
    hasGiven: () => firstAt !== undefined,
  };
}

function keyOf(nodeId: string, attempt: number): string {
  return `${attempt}/${nodeId}`;
}
