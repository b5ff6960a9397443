import { createAdmin } from "../adapters/restate/admin.ts";
import { createHttpTools } from "../adapters/restate/http.ts";
import { selectOverAttempts } from "../adapters/restate/over-attempts.ts";
import { readClusterUrl } from "./cluster-url.ts";
import type { Shared } from "./shared.ts";

/** Ends what workers of a cluster have left at the engines of this machine, and nobody waits for. */
export interface StraySweep {
  /** In the background; one after the other. */
  begin(): void;
  /** Resolves when none is under way. */
  ended(): Promise<void>;
}

/**
 * @param url of the admin API of Restate, which says what is waited for
 * @throws BusbarError USAGE
 */
export function createStraySweep(
  url: string,
  { clock, secrets }: Shared,
  onTrouble: (trouble: unknown) => void,
): StraySweep {
  const readUrl = readClusterUrl("the address of Restate's admin API,", url, "http://restate:9070");
  let last = Promise.resolve();

  async function sweep(): Promise<void> {
    const http = createHttpTools(clock);
    const admin = createAdmin(readUrl, http);
    try {
      const { sweepStrays } = await import("../adapters/executor-docker/strays.ts");
      await sweepStrays({ clock, secrets, selectOver: (attempts) => selectOverAttempts(admin, attempts) });
    } catch (thrown) {
      onTrouble(thrown);
    } finally {
      http.agent.destroy();
    }
  }

  return {
    begin() {
      last = last.then(sweep);
    },
    ended: () => last,
  };
}
