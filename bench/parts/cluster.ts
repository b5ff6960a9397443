import { createFakeExecutor } from "../../src/testing/fake-executor.ts";
import { restateBinary } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { createCaller } from "../harness/busbar.ts";
import { startChild } from "../harness/child.ts";
import { type BenchCluster, openBenchCluster } from "../harness/cluster.ts";
import type { BenchContext, Part } from "../harness/part.ts";
import { type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf, type Subject } from "../harness/rounds.ts";
import { ECHO_SERVERS } from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";
import { threeNodeWorkflow } from "../harness/three-nodes.ts";
import { createBareCalls } from "../peers/bare-calls.ts";

const LANES = 50;

/** Known to be missed (performance.md, "On a cluster"): what fails is what makes it worse. */
const KNOWN_MISS = 2.2;

export const clusterPart: Part = {
  name: "cluster",
  about: "3-node runs on a server of Restate, against an invocation of three durable steps",
  async *measure(context) {
    if (restateBinary() === undefined) {
      yield { skip: "no restate-server: npm run campaign:cluster installs it" };
      return;
    }
    yield* measureInstant(context);
    yield* measureGrpc(context);
  },
};

/** Steps and attempts that take no time. */
async function* measureInstant(context: BenchContext): AsyncGenerator<Result> {
  const cluster = await openBenchCluster(() => "done", createFakeExecutor());
  const workflow = workflowOf("a > b > c");
  const { rounds, short } = context;
  try {
    const runs = short ? 15 : 40;
    const samples = await measureInRounds(
      {
        bare: inTurn(runs, () => cluster.bare()),
        drive: inTurn(runs, () => cluster.drive(workflow)),
        run: inTurn(runs, () => startAndWait(cluster, workflow)),
      },
      context,
    );
    const turn = (name: string, of: readonly number[], asked?: { readonly value: number; readonly goal: number }) =>
      ratioResult("cluster", name, ratioOf(of, samples.bare), rounds, {
        note: `${inMs(of)} to ${inMs(samples.bare)}`,
        ...(asked === undefined ? {} : { asked: { bound: "at most", ...asked } as const, tolerance: KNOWN_MISS }),
      });
    yield turn("a chain of 3, its drive", samples.drive, { value: 2.2, goal: 1.8 });
    yield turn("a chain of 3, started and waited for by a client that polls", samples.run);
    const each = short ? 4 : 10;
    const rates = await measureInRounds(
      { bare: atOnce(each, () => cluster.bare()), drive: atOnce(each, () => cluster.drive(workflow)) },
      context,
    );
    yield ratioResult("cluster", `${LANES} at once, throughput of drives`, ratioOf(rates.drive, rates.bare), rounds, {
      asked: { bound: "at least", value: 0.33, goal: 0.5 },
      tolerance: KNOWN_MISS,
      note: `${perSecond(rates.drive)} to ${perSecond(rates.bare)} runs/s`,
    });
  } finally {
    await cluster.close();
  }
}

/** Each step and each attempt is a call of a service in another process. */
async function* measureGrpc(context: BenchContext): AsyncGenerator<Result> {
  const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
  const calls = createBareCalls(servers.said);
  const executor = createCaller();
  const cluster = await openBenchCluster(() => calls.oneCall(), executor);
  const workflow = threeNodeWorkflow(servers.said);
  const { rounds, short } = context;
  try {
    const runs = short ? 15 : 40;
    const samples = await measureInRounds(
      { bare: inTurn(runs, () => cluster.bare()), drive: inTurn(runs, () => cluster.drive(workflow)) },
      context,
    );
    yield ratioResult("cluster", "the same with gRPC calls", ratioOf(samples.drive, samples.bare), rounds, {
      note: `${inMs(samples.drive)} to ${inMs(samples.bare)}`,
    });
  } finally {
    await cluster.close();
    await executor.close?.();
    calls.close();
    await servers.stop();
  }
}

async function startAndWait({ runtime }: BenchCluster, { definition }: Workflow): Promise<void> {
  const { runId } = await runtime.start({ definition });
  const end = await runtime.wait(runId);
  if (end.type !== "run.succeeded") throw new Error(`run ${runId} ended with ${end.type}`);
}

/** @returns milliseconds a run, one after another */
function inTurn(runs: number, run: () => Promise<void>): Subject {
  return async () => {
    const began = performance.now();
    for (let number = 0; number < runs; number += 1) await run();
    return (performance.now() - began) / runs;
  };
}

/** @returns runs a second, {@link LANES} of them at any time */
function atOnce(each: number, run: () => Promise<void>): Subject {
  return async () => {
    const began = performance.now();
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        for (let number = 0; number < each; number += 1) await run();
      }),
    );
    return (LANES * each) / ((performance.now() - began) / 1000);
  };
}

const inMs = (values: readonly number[]): string => `${spreadOf(values).median.toFixed(1)} ms`;
const perSecond = (values: readonly number[]): string => `${Math.round(spreadOf(values).median)}`;
