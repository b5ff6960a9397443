// Finds many texts in another one in one pass: an Aho-Corasick automaton (Aho, Corasick: Efficient String Matching,
// CACM 1975), which reads each character once however many patterns there are, behind the skip table of Wu and
// Manber (A Fast Algorithm for Multi-Pattern Searching, 1994), which leaps over most of a text that holds none.

/** Where the automaton stands: which beginning of a pattern the characters before here are. */
export type MatchState = number;
/** No pattern has begun. */
export const NO_MATCH: MatchState = 0;

export interface PatternMatcher {
  /**
   * Reads on from `at`, and calls `found` for each place where a pattern ends, in order, with the longest that ends there.
   * @param text has the `open(state)` characters before `at`, too
   * @returns the state at the end of the text
   */
  read(text: string, at: number, state: MatchState, found: (from: number, to: number) => void): MatchState;
  /** So many characters before here may be the beginning of a pattern that goes on. */
  open(state: MatchState): number;
}

/** A place where a pattern may begin is judged by so many characters, a leap by the last few of them. */
const WINDOW = 6;
const BLOCK = 3;
const TABLE_BITS = 18;

/** @param patterns each at least 6 characters long */
export function createPatternMatcher(patterns: readonly string[]): PatternMatcher {
  const { depths, open, lengths, step } = createAutomaton(patterns);
  const skips = createSkips(patterns);

  /** The next place from `at` on where a pattern may begin. */
  function leap(text: string, at: number): number {
    let end = at + WINDOW;
    while (end <= text.length) {
      const skip = skips[hashBefore(text, end)] ?? 0;
      if (skip === 0) break;
      end += skip;
    }
    return Math.min(end - WINDOW, text.length);
  }

  return {
    read(text, from, before, found) {
      let at = from;
      let state = before;
      let leaptTo = -WINDOW;
      while (at < text.length) {
        const depth = depths[state] ?? 0;
        // Ordinary words begin like patterns all the time. Back to where the present one began, to leap from there; not
        // before a window is read, so that each character is read a few times at most.
        if (depth === 0 || (depth < WINDOW && at >= leaptTo + WINDOW)) {
          leaptTo = leap(text, at - depth);
          at = leaptTo;
          state = NO_MATCH;
          if (at >= text.length) break;
        }
        state = step(state, text.charCodeAt(at));
        at += 1;
        const length = lengths[state] ?? 0;
        if (length > 0) found(at - length, at);
      }
      return state;
    },
    open: (state) => open[state] ?? 0,
  };
}

/** What is known of each state, by its number. A state's depth is the length of the beginning that it stands for. */
interface Automaton {
  readonly depths: Int32Array;
  /** As `depths`, without patterns that are complete and do not go on. */
  readonly open: Int32Array;
  /** Of the longest pattern that ends here; 0 for none. */
  readonly lengths: Int32Array;
  step(state: MatchState, code: number): MatchState;
}

function createAutomaton(patterns: readonly string[]): Automaton {
  const size = 1 + patterns.reduce((sum, { length }) => sum + length, 0);
  const depths = new Int32Array(size);
  const goesOn = new Uint8Array(size);
  const lengths = new Int32Array(size);
  /** The state for the longest end of a state's text that is the beginning of a pattern too. */
  const fallbacks = new Int32Array(size);
  const edges = createEdges(size);

  function step(from: MatchState, code: number): MatchState {
    for (let state = from; ; state = fallbacks[state] ?? NO_MATCH) {
      const next = edges.find(state, code);
      if (next !== NO_MATCH || state === NO_MATCH) return next;
    }
  }

  function extend(state: MatchState, code: number): MatchState {
    const known = edges.find(state, code);
    if (known !== NO_MATCH) return known;
    const fallback = state === NO_MATCH ? NO_MATCH : step(fallbacks[state] ?? NO_MATCH, code);
    const added = edges.add(state, code);
    depths[added] = (depths[state] ?? 0) + 1;
    goesOn[state] = 1;
    lengths[added] = lengths[fallback] ?? 0;
    fallbacks[added] = fallback;
    return added;
  }

  // Character by character, all patterns side by side: what a state falls back to is shorter, and so is there already.
  const states = patterns.map(() => NO_MATCH);
  let unfinished = [...patterns.keys()];
  for (let at = 0; unfinished.length > 0; at += 1) {
    let ends = 0;
    for (const index of unfinished) {
      const pattern = patterns[index] ?? "";
      const state = extend(states[index] ?? NO_MATCH, pattern.charCodeAt(at));
      states[index] = state;
      if (at + 1 < pattern.length) continue;
      lengths[state] = pattern.length;
      ends += 1;
    }
    if (ends > 0) unfinished = unfinished.filter((index) => (patterns[index] ?? "").length > at + 1);
  }
  const open = new Int32Array(size);
  for (let state = 1; state < size; state += 1) {
    open[state] = (goesOn[state] === 1 ? depths[state] : open[fallbacks[state] ?? NO_MATCH]) ?? 0;
  }
  return { depths, open, lengths, step };
}

/** The ways from state to state, in one hash table: a Map takes five times as long to fill. */
interface Edges {
  /** NO_MATCH where there is no way. */
  find(from: MatchState, code: number): MatchState;
  /** To a new state, numbered from 1 on. */
  add(from: MatchState, code: number): MatchState;
}

/** @param size states that there will be at most */
function createEdges(size: number): Edges {
  /** Of each state, the way that leads to it. */
  const origins = new Int32Array(size);
  const codes = new Uint16Array(size);
  let count = 1;
  const bits = 32 - Math.clz32(2 * size);
  const slots = new Int32Array(1 << bits);

  /** The slot of the way, or the free one where it would stand. */
  function slotOf(from: MatchState, code: number): number {
    let slot = (Math.imul(from, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b)) >>> (32 - bits);
    for (;;) {
      const to = slots[slot] ?? NO_MATCH;
      if (to === NO_MATCH || (origins[to] === from && codes[to] === code)) return slot;
      slot = (slot + 1) & (slots.length - 1);
    }
  }

  return {
    find: (from, code) => slots[slotOf(from, code)] ?? NO_MATCH,
    add(from, code) {
      const to = count;
      count += 1;
      origins[to] = from;
      codes[to] = code;
      slots[slotOf(from, code)] = to;
      return to;
    },
  };
}

/** By the block before a place: how many characters further the next window that may begin a pattern ends at least. */
function createSkips(patterns: readonly string[]): Uint8Array {
  const skips = new Uint8Array(1 << TABLE_BITS).fill(WINDOW - BLOCK + 1);
  for (const pattern of patterns) {
    for (let end = BLOCK; end <= WINDOW; end += 1) {
      const hash = hashBefore(pattern, end);
      skips[hash] = Math.min(skips[hash] ?? 0, WINDOW - end);
    }
  }
  return skips;
}

function hashBefore(text: string, end: number): number {
  const hash = text.charCodeAt(end - 3) ^ (text.charCodeAt(end - 2) << 6) ^ (text.charCodeAt(end - 1) << 12);
  return (hash ^ (hash >>> TABLE_BITS)) & ((1 << TABLE_BITS) - 1);
}
