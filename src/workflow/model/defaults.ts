/** What holds where the file says nothing (semantics.md, "The workflow file"). */
export const DEFAULT_MAX_PARALLEL = 16;
/** gRPC's own default, both ways. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4_194_304;
