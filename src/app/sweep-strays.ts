import { createAdmin } from "../adapters/restate/admin.ts";
import { createHttpTools } from "../adapters/restate/http.ts";
import { selectOverAttempts } from "../adapters/restate/over-attempts.ts";
import { readClusterUrl } from "./cluster-url.ts";
import type { Shared } from "./shared.ts";

/** Ends what workers of a cluster have left at the engines of this machine, and nobody waits for. */
export interface StraySweep {
  /** In the background; one after the other, and again until Restate has answered. */
  begin(): void;
  /** Begins none any more; resolves when none is under way. */
  close(): Promise<void>;
}

/** Between two tries, while Restate does not answer. */
const AGAIN_MS = 30_000;

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
  let isClosed = false;
  let cancelAgain = (): void => undefined;
  // What does not answer is asked again later, by a sweep that begins anew.
  const http = createHttpTools(clock, undefined, 0);
  const admin = createAdmin(readUrl, http);

  const begin = (): void => {
    cancelAgain();
    last = last.then(sweep);
  };

  async function sweep(): Promise<void> {
    if (isClosed) return;
    try {
      const { sweepStrays } = await import("../adapters/executor-docker/strays.ts");
      await sweepStrays({ clock, secrets, selectOver: (attempts) => selectOverAttempts(admin, attempts) });
    } catch (thrown) {
      if (isClosed) return;
      onTrouble(thrown);
      cancelAgain = clock.after(AGAIN_MS, begin);
    }
  }

  return {
    begin,
    close() {
      isClosed = true;
      cancelAgain();
      http.close();
      return last;
    },
  };
}
