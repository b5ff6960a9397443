import { DEFAULT_RETRY } from "../../model/retry.ts";
import type { Values } from "../../tree/read-fields.ts";
import type { RetryTerms } from "../kind.ts";
import { DOCKER_RETRY_KEYS } from "./keys.ts";

const EXIT = "EXIT_";

/** Exit codes of a container. UNAVAILABLE, an engine that does not answer, always allows another attempt. */
export const dockerRetry: RetryTerms = {
  keys: DOCKER_RETRY_KEYS,
  read({ retryable_exit_codes }: Values<typeof DOCKER_RETRY_KEYS>, base) {
    if (retryable_exit_codes === undefined) return base;
    return [...DEFAULT_RETRY.retryOn, ...retryable_exit_codes.map((code) => `${EXIT}${code}`)];
  },
  write(retryOn) {
    const codes = retryOn.filter((status) => status.startsWith(EXIT));
    return { retryable_exit_codes: codes.map((code) => Number(code.slice(EXIT.length))) };
  },
};
