/** Makes identifiers, passed in so that a test can predict them. */
export interface Ids {
  /** A run id: matches {@link RUN_ID_PATTERN}, sorts by time of making. */
  runId(): string;
  /** 16 lower-case hex digits, not all zero: a W3C span id. */
  spanId(): string;
  /** A name for this process, unique over time. */
  ownerId(): string;
}

/** semantics.md, "Ids". */
export const RUN_ID_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Ids that count up: `run-0001`, … */
export function createSteppingIds(): Ids {
  const counts = { run: 0, span: 0, owner: 0 };
  const step = (kind: keyof typeof counts): number => {
    counts[kind] += 1;
    return counts[kind];
  };
  return {
    runId: () => `run-${String(step("run")).padStart(4, "0")}`,
    spanId: () => step("span").toString(16).padStart(16, "0"),
    ownerId: () => `owner-${step("owner")}`,
  };
}
