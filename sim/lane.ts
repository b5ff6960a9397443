// A process that simulates the seeds it is sent, as many as come: `{from, count}` in, a `LaneReport` out.
import { makePlan } from "./generate.ts";
import { simulate } from "./simulate.ts";

export interface LaneOrder {
  readonly from: number;
  readonly count: number;
}

export interface LaneReport extends LaneOrder {
  readonly steps: number;
  readonly failures: readonly FailedSeed[];
}

export interface FailedSeed {
  readonly seed: number;
  readonly kind: string;
  readonly message: string;
}

process.on("message", async ({ from, count }: LaneOrder) => {
  const failures: FailedSeed[] = [];
  let steps = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await simulate(makePlan(seed));
    steps += result.steps;
    const { failure } = result;
    if (failure !== undefined) failures.push({ seed, kind: failure.kind, message: failure.message });
  }
  process.send?.({ from, count, steps, failures } satisfies LaneReport);
});
