import type { Clock } from "../../kernel/clock.ts";
import { parseIp } from "../../workflow/policy/ip.ts";

/** A token bucket: so many at once, and one more each so many milliseconds. */
interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

const OF_ADDRESS: Rate = { burst: 10, everyMs: 6_000 };
const OVERALL: Rate = { burst: 100, everyMs: 500 };

/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** Slows those who guess tokens. It is asked about failed logins only: whoever has a valid token is not slowed. */
export interface LoginLimiter {
  /** A login failed. @returns after how many seconds the next may be tried; 0: at once */
  fail(address: string): number;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

export function createLoginLimiter(clock: Pick<Clock, "monotonic">): LoginLimiter {
  const buckets = new Map<string, Bucket>();
  let overall: Bucket = { left: OVERALL.burst, atMs: clock.monotonic() };

  return {
    fail(address) {
      const now = clock.monotonic();
      const key = networkOf(address);
      const own = refill(buckets.get(key) ?? { left: OF_ADDRESS.burst, atMs: now }, OF_ADDRESS, now);
      overall = refill(overall, OVERALL, now);
      const waitMs = Math.max(waitOf(own, OF_ADDRESS), waitOf(overall, OVERALL));
      const taken = waitMs > 0 ? 0 : 1;
      buckets.delete(key);
      buckets.set(key, { ...own, left: own.left - taken });
      overall = { ...overall, left: overall.left - taken };
      const oldest = buckets.keys().next().value;
      if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
      return Math.ceil(waitMs / 1000);
    },
  };
}

function refill({ left, atMs }: Bucket, { burst, everyMs }: Rate, now: number): Bucket {
  return { left: Math.min(burst, left + (now - atMs) / everyMs), atMs: now };
}

function waitOf({ left }: Bucket, { everyMs }: Rate): number {
  return left >= 1 ? 0 : (1 - left) * everyMs;
}

/** Whoever has one IPv6 address has a network of them. */
function networkOf(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : ip.slice(0, ip.length === 4 ? 4 : 8).join(".");
}
