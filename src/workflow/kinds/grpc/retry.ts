import type { Values } from "../../tree/read-fields.ts";
import type { RetryTerms } from "../kind.ts";
import { GRPC_RETRY_KEYS } from "./keys.ts";
import { FAILURE_REPLY } from "./statuses.ts";

/** Statuses of a call, and whether a service's own `success = false` is one of them. */
export const grpcRetry: RetryTerms = {
  keys: GRPC_RETRY_KEYS,
  read(values: Values<typeof GRPC_RETRY_KEYS>, base) {
    const codes = values.retryable_status_codes ?? base.filter((status) => status !== FAILURE_REPLY);
    return (values.retry_failure_reply ?? base.includes(FAILURE_REPLY)) ? [...codes, FAILURE_REPLY] : codes;
  },
  write: (retryOn) => ({
    retryable_status_codes: retryOn.filter((status) => status !== FAILURE_REPLY),
    retry_failure_reply: retryOn.includes(FAILURE_REPLY),
  }),
};
