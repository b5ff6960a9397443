import { createSystemClock } from "../adapters/system/clock.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Secrets } from "../kernel/secrets.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";

/** What everything that is opened for one caller shares. */
export interface Shared {
  readonly clock: Clock;
  /** What is read through them is masked in what is recorded. */
  readonly secrets: Secrets;
  readonly definitions: Definitions;
}

export function createShared(secrets: Secrets): Shared {
  return { clock: createSystemClock(), secrets, definitions: createDefinitions(secrets.expose) };
}
