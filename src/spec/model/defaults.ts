/** Of a call. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Of a container: its work is not a call. */
export const DEFAULT_CONTAINER_TIMEOUT_MS = 3_600_000;
export const DEFAULT_MAX_PARALLEL = 16;
/** gRPC's own default, both ways. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4_194_304;
