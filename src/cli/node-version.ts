/** Equals `engines` in package.json, and the number in bin.ts, which imports nothing. */
export const MIN_NODE_MAJOR = 24;
