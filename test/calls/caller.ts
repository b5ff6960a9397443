// A process that makes calls through the executor, alone and in company, and says after each tenth what it holds.
// Arguments: the address of the service (service.ts), how many calls. Runs with --expose-gc; ends by itself.
import { createGrpcExecutor } from "../../src/adapters/executor-grpc/executor.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Outcome } from "../../src/ports/executor.ts";
import { attemptAt, serviceAt } from "../../src/testing/peers/service.ts";
import type { Sample } from "./growth.ts";
import { ROUND, type Wish } from "./round.ts";

export type Line = Sample | { readonly unexpected: string };

const [address = "", count = ""] = process.argv.slice(2);
const total = Number(count);
const executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
const service = serviceAt(address);
const never = new AbortController().signal;

/** Makes one call, which ends as `expected` unless something is wrong. */
async function call(wish: Wish, expected: Outcome["outcome"], timeoutMs = 30_000, signal = never): Promise<void> {
  const request = { input_file: wish, output_file: "out" };
  const outcome = await executor.execute(attemptAt(service, { request, timeoutMs }), signal);
  if (outcome.outcome === expected) return;
  const why = outcome.outcome === "succeeded" ? "" : `: ${outcome.error.message}`;
  say({ unexpected: `${wish} was to end as ${expected}, and ended as ${outcome.outcome}${why}` });
}

async function cancelOne(): Promise<void> {
  const controller = new AbortController();
  const cancelled = call("never", "cancelled", 30_000, controller.signal);
  setImmediate(() => controller.abort());
  await cancelled;
}

/**
 * ROUND calls, 300 one after the other and 200 in crowds that share a connection, of each kind of end some. Few are
 * given up: servers on nghttp2 end a connection (GOAWAY with code 2) on which more than 33 streams a second are reset.
 */
async function round(): Promise<void> {
  for (let nth = 0; nth < 298; nth += 1) await (nth % 30 === 0 ? call("fail", "failed") : call("ok", "succeeded"));
  await call("never", "timed_out", 2);
  await cancelOne();
  for (let crowd = 0; crowd < 10; crowd += 1) {
    const calls = Array.from({ length: 17 }, () => call("ok", "succeeded"));
    const given =
      crowd === 0 ? [call("never", "timed_out", 2), cancelOne()] : [call("ok", "succeeded"), call("ok", "succeeded")];
    await Promise.all([...calls, call("fail", "failed"), ...given]);
  }
}

async function sample(calls: number): Promise<void> {
  // What is let go of a moment after a call, and what only a second collection finds.
  for (let nth = 0; nth < 4; nth += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  say({ calls, heap, external, rss });
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await sample(0);
for (let tenth = 1; tenth <= 10; tenth += 1) {
  for (let nth = 0; nth < total / 10 / ROUND; nth += 1) await round();
  await sample((tenth * total) / 10);
}
await executor.close?.();
