// A scroll bar over any number of rows. Browsers know no elements beyond some ten million pixels: of a longer table the
// bar stands for its rows in proportion, and each row has less than its height there.

/** Some browsers end at 17 million. */
const MAX_HEIGHT_PX = 8_000_000;

export interface RowScroll {
  /** Of what is scrolled, in pixels. */
  readonly heightPx: number;
  /** The first row that is seen, from 0. */
  firstAt(scrollTop: number): number;
  /** Where the bar stands for a first row. */
  topOf(first: number): number;
  /** The last row that can be the first one that is seen. */
  readonly lastFirst: number;
}

/**
 * @param visible rows that fit into the view
 * @param viewPx the view's height, with `visible` rows and what stands above them
 */
export function createRowScroll(count: number, visible: number, rowPx: number, viewPx: number): RowScroll {
  const lastFirst = Math.max(0, count - visible);
  const wayPx = Math.min(lastFirst * rowPx, MAX_HEIGHT_PX);
  return {
    heightPx: viewPx + wayPx,
    lastFirst,
    firstAt: (scrollTop) =>
      wayPx === 0 ? 0 : Math.round((Math.min(Math.max(scrollTop, 0), wayPx) / wayPx) * lastFirst),
    topOf: (first) => (lastFirst === 0 ? 0 : (Math.min(first, lastFirst) / lastFirst) * wayPx),
  };
}
