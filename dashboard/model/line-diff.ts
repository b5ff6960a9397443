// What changed between two texts, line by line: Myers' O(ND) algorithm (An O(ND) Difference Algorithm and Its
// Variations, 1986), after what both have in common at their ends.

/** A line of one of the texts, or of both. Numbers begin at 1. */
export type DiffLine =
  | { readonly kind: "same"; readonly text: string; readonly before: number; readonly after: number }
  | { readonly kind: "gone"; readonly text: string; readonly before: number }
  | { readonly kind: "new"; readonly text: string; readonly after: number };

/** How many lines only one of the texts has. */
export interface ChangeCount {
  readonly gone: number;
  readonly added: number;
}

/** Texts that differ in more are told as one replaced by the other: nobody reads such a diff, and it costs D². */
const MAX_DIFFERENCES = 2_000;

export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const kinds = [...Array<Kind>(head).fill("same"), ...middle, ...Array<Kind>(tail).fill("same")];
  const lines: DiffLine[] = [];
  let [old, now] = [0, 0];
  for (const kind of kinds) {
    if (kind === "same") lines.push({ kind, text: b[now] ?? "", before: ++old, after: ++now });
    else if (kind === "gone") lines.push({ kind, text: a[old] ?? "", before: ++old });
    else lines.push({ kind, text: b[now] ?? "", after: ++now });
  }
  return lines;
}

export function countChanges(lines: readonly DiffLine[]): ChangeCount {
  return {
    gone: lines.filter(({ kind }) => kind === "gone").length,
    added: lines.filter(({ kind }) => kind === "new").length,
  };
}

/** Lines that changed with some of those around them; between two of the pieces lines are left out. */
export function hunksOf(lines: readonly DiffLine[], around = 3): readonly (readonly DiffLine[])[] {
  const hunks: DiffLine[][] = [];
  let shownUntil = -1;
  for (const [position, { kind }] of lines.entries()) {
    if (kind === "same") continue;
    const from = Math.max(position - around, shownUntil + 1);
    const until = Math.min(position + around, lines.length - 1);
    if (until <= shownUntil) continue;
    const piece = lines.slice(from, until + 1);
    const last = hunks.at(-1);
    if (last !== undefined && from === shownUntil + 1) last.push(...piece);
    else hunks.push(piece);
    shownUntil = until;
  }
  return hunks;
}

type Kind = DiffLine["kind"];

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  // What ends with a line break has no further line.
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function diffMiddle(a: readonly string[], b: readonly string[]): readonly Kind[] {
  const replaced: readonly Kind[] = [...Array<Kind>(a.length).fill("gone"), ...Array<Kind>(b.length).fill("new")];
  if (a.length === 0 || b.length === 0) return replaced;
  const most = Math.min(a.length + b.length, MAX_DIFFERENCES);
  // Of each diagonal k = x - y the furthest x that is reached with so many differences; all rounds are kept.
  const rounds: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let differences = 0; differences <= most; differences += 1) {
    const reached = new Map<number, number>();
    for (let k = -differences; k <= differences; k += 2) {
      let x = isDown(k, differences, furthest) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reached.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack([...rounds, furthest], a.length, b.length);
    }
    rounds.push(furthest);
    furthest = reached;
  }
  return replaced;
}

/** @param rounds what was reached before each number of differences */
function walkBack(rounds: readonly Map<number, number>[], toX: number, toY: number): readonly Kind[] {
  const kinds: Kind[] = [];
  let [x, y] = [toX, toY];
  for (let differences = rounds.length - 1; differences >= 0; differences -= 1) {
    const furthest = rounds[differences] ?? new Map();
    const k = x - y;
    const down = isDown(k, differences, furthest);
    const fromX = at(furthest, down ? k + 1 : k - 1);
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      kinds.push("same");
      x -= 1;
      y -= 1;
    }
    if (differences > 0) kinds.push(down ? "new" : "gone");
    [x, y] = [fromX, fromY];
  }
  return kinds.reverse();
}

function isDown(k: number, differences: number, furthest: ReadonlyMap<number, number>): boolean {
  return k === -differences || (k !== differences && at(furthest, k - 1) < at(furthest, k + 1));
}

function at(furthest: ReadonlyMap<number, number>, k: number): number {
  return furthest.get(k) ?? -1;
}
