import { createSystemClock } from "../adapters/system/clock.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Secrets } from "../kernel/secrets.ts";
import type { HostPolicy } from "../workflow/policy/policy.ts";
import { restrictSecrets } from "../workflow/policy/restrict-secrets.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";

/** What everything that is opened for one caller shares. */
export interface Shared {
  readonly clock: Clock;
  /** What is read through them is masked in what is recorded. */
  readonly secrets: Secrets;
  readonly definitions: Definitions;
  /** What the host allows; without one, what this user may do. */
  readonly policy?: HostPolicy;
}

export function createShared(secrets: Secrets, policy?: HostPolicy): Shared {
  return {
    clock: createSystemClock(),
    secrets: restrictSecrets(secrets, policy),
    definitions: createDefinitions(secrets.expose),
    ...(policy === undefined ? {} : { policy }),
  };
}
