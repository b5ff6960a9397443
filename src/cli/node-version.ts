/** What the packed package says as `engines` (a clone brings its own Node); bin.ts, which imports nothing, has it too. */
export const MIN_NODE_MAJOR = 24;
