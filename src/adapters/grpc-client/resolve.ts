import type { Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

/** Every address of a host, one at least, in the order that the system gives, or the code of what went wrong (`ENOTFOUND`, …). */
export type Lookup = (host: string) => Promise<Result<readonly string[], string>>;

export interface Resolver {
  /** What the last look-up that went well gave, if any. */
  readonly known: readonly string[] | undefined;
  /** While a look-up goes on. */
  readonly isResolving: boolean;
  /** Whether `resolve` would say something that is not known yet. */
  isDue(): boolean;
  /** Looks the name up; joins a look-up that goes on. */
  resolve(): Promise<Result<readonly string[], string>>;
  /** What is known may have changed: a connection has failed or was lost. */
  doubt(): void;
}

/** A name that was doubted is not looked up more often than this. */
const MIN_INTERVAL_MS = 1000;

export function createResolver(host: string, clock: Clock, ask: Lookup = lookupAll): Resolver {
  let known: readonly string[] | undefined;
  let pending: Promise<Result<readonly string[], string>> | undefined;
  let doubted = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    get known() {
      return known;
    },
    get isResolving() {
      return pending !== undefined;
    },
    isDue: () => known === undefined || (doubted && clock.monotonic() - askedAt >= MIN_INTERVAL_MS),
    resolve() {
      pending ??= ask(host).then((found) => {
        pending = undefined;
        askedAt = clock.monotonic();
        if (found.ok) {
          known = found.value;
          doubted = false;
        }
        return found;
      });
      return pending;
    },
    doubt() {
      doubted = true;
    },
  };
}

/** By the system's own resolver, /etc/hosts and all, as every other program of the machine resolves names. */
function lookupAll(host: string): Promise<Result<readonly string[], string>> {
  // Loaded for names only: most services of one machine are named by address.
  const { lookup } = process.getBuiltinModule("node:dns");
  return new Promise((resolve) => {
    lookup(host, { all: true, order: "verbatim" }, (error, addresses) => {
      if (error !== null) resolve(err(error.code ?? "EAI_FAIL"));
      else if (addresses.length === 0) resolve(err("ENODATA"));
      else resolve(ok([...new Set(addresses.map(({ address }) => address))]));
    });
  });
}
