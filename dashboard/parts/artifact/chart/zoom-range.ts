/** Of the axis, both ends included. */
export type Range = readonly [from: number, to: number];

/** Keys and buttons move over the axis: by half of what is seen, and to half or double of it. */
export type Move = "in" | "out" | "back" | "forth";

/** @param all of the axis; what is seen never leaves it */
export function moveRange([from, to]: Range, all: Range, move: Move): Range {
  const width = to - from;
  const middle = (from + to) / 2;
  switch (move) {
    case "in":
      return [middle - width / 4, middle + width / 4];
    case "out":
      return within([middle - width, middle + width], all);
    case "back":
      return within([from - width / 2, to - width / 2], all);
    case "forth":
      return within([from + width / 2, to + width / 2], all);
  }
}

function within([from, to]: Range, [first, last]: Range): Range {
  const width = Math.min(to - from, last - first);
  const start = Math.min(Math.max(from, first), last - width);
  return [start, start + width];
}
