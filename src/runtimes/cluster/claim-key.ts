import { randomUUID } from "node:crypto";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { KEY_OBJECT, keyOf, RUN_OBJECT } from "../../adapters/restate/names.ts";
import type { ClaimedKey, ClaimInput, StoredHead, WithdrawInput } from "../../adapters/restate/wire.ts";
import type { Clock } from "../../kernel/clock.ts";
import { refuseUsedKey } from "../../ports/journal-rules.ts";
import type { Idempotency } from "../../ports/run-facts.ts";
import { createWaits, type Pace } from "../shared/looks.ts";

/** Makes one run of all starts with one idempotency key, whichever processes they come from (R1). */
export interface KeyClaims {
  /**
   * The run may be submitted, under the token that this returns; its drive then asks whether the key is still its own.
   * Where another start has the key, its outcome is waited for.
   * @throws BusbarError IDEMPOTENCY_KEY_USED: another run that is there has it; CLUSTER_…
   */
  claim(idempotency: Idempotency, runId: string): Promise<string>;
  /** The start was refused. Nothing happens once the drive has asked: then it sees to that itself. */
  withdraw(key: string, token: string): Promise<void>;
}

/** How long a start that another one waits for takes, at first and at most. */
const OTHER: Pace = { firstMs: 20, longestMs: 500 };

export function createKeyClaims(ingress: Ingress, clock: Clock): KeyClaims {
  const call = <T>(key: string, handler: string, input: unknown): Promise<T> =>
    ingress.call<T>({ service: KEY_OBJECT, key: keyOf(key), handler }, input);
  const isThere = async (runId: string): Promise<boolean> =>
    (await ingress.call<StoredHead | null>({ service: RUN_OBJECT, key: runId, handler: "head" })) !== null;

  /** Whether the run that has the key is there, will never be (its drive is over), or may come. */
  async function find({ run_id, invocation }: ClaimedKey): Promise<"there" | "never" | "perhaps"> {
    // What is called so may be another run, of which the drive is still to learn.
    if (invocation === undefined) return "perhaps";
    if (await isThere(run_id)) return "there";
    if ((await ingress.outputOf(invocation)).kind === "under_way") return "perhaps";
    return (await isThere(run_id)) ? "there" : "never";
  }

  return {
    async claim({ key, hash }, runId) {
      const token = randomUUID();
      const waits = createWaits(OTHER);
      for (;;) {
        const input: ClaimInput = { run_id: runId, hash, token, atMs: clock.now() };
        const has = await call<ClaimedKey>(key, "claim", input);
        if (has.token === token) return token;
        const found = await find(has);
        if (found === "there") return refuseUsedKey(has);
        if (found === "never") await call(key, "withdraw", has satisfies WithdrawInput);
        else await new Promise<void>((resolve) => clock.after(waits.next(), resolve));
      }
    },
    withdraw: (key, token) => call(key, "withdraw", { token } satisfies WithdrawInput),
  };
}
