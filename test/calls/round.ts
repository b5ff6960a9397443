/** So many calls are made at a time, of every kind of end. */
export const ROUND = 500;

/** How a call is to end, which it says as its input file. */
export type Wish = "ok" | "fail" | "never";
