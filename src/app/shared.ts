import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { createSystemRandom } from "../adapters/system/random.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import type { Secrets } from "../kernel/secrets.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";

/** What everything that is opened for one caller shares. */
export interface Shared {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  /** What is read through them is masked in what is recorded. */
  readonly secrets: Secrets;
  readonly definitions: Definitions;
}

/** The clocks and the chance of this machine. */
export function createShared(secrets: Secrets): Shared {
  return {
    clock: createSystemClock(),
    ids: createSystemIds(),
    random: createSystemRandom(),
    secrets,
    definitions: createDefinitions(),
  };
}
