import type { Journal } from "../../src/ports/journal.ts";
import { createFakeExecutor } from "../../src/testing/fake-executor.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { createRuntime, openJournal, runToSuccess } from "../harness/busbar.ts";
import { watchCommits } from "../harness/commits.ts";
import { withFolder } from "../harness/folders.ts";
import type { BenchContext, Part } from "../harness/part.ts";
import { type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { type Shape, shapeOf } from "../harness/shapes.ts";
import { spreadOf } from "../harness/statistics.ts";
import { openBareRows } from "../peers/bare-rows.ts";

interface Case {
  readonly shape: Shape;
  readonly nodes: number;
  readonly name: string;
  readonly atLeast: number;
}

/** The chain is cut where time is short: what it costs is commits, one after another, and each costs the same. */
const casesOf = (short: boolean): readonly Case[] => [
  { shape: "wide", nodes: 10_002, name: "10,000-wide fan-out and fan-in", atLeast: 0.3 },
  { shape: "layered", nodes: 10_000, name: "100×100 layers, each node waiting for all 100 before", atLeast: 0.3 },
  short
    ? { shape: "chain", nodes: 2000, name: "chain of 2,000", atLeast: 0.5 }
    : { shape: "chain", nodes: 10_000, name: "chain of 10,000", atLeast: 0.5 },
];

export const instantPart: Part = {
  name: "instant",
  about: "nodes a second with an executor that answers at once, against bare SQLite writing the same rows",
  async *measure(context) {
    for (const { shape, nodes, name, atLeast } of casesOf(context.short)) {
      const workflow = shapeOf(shape, nodes);
      const { appends, commits } = await record(workflow, context);
      const samples = await measureInRounds(
        {
          busbar: () => timeBusbar(workflow, context.folder),
          rows: () => timeRows(appends, context.folder),
        },
        context,
      );
      const perSecond = (ms: readonly number[]): string =>
        Math.round(nodes / (spreadOf(ms).median / 1000)).toLocaleString("en");
      yield ratioResult(
        "instant",
        `${name}, nodes/s to bare SQLite's`,
        ratioOf(samples.rows, samples.busbar),
        context.rounds,
        {
          asked: { bound: "at least", value: atLeast },
          note: `${perSecond(samples.busbar)} to ${perSecond(samples.rows)} nodes/s`,
        },
      );
      yield commitsResult(shape, nodes, commits, appends.length);
    }
  },
};

/** A chain costs one commit a node, and one more: the end of the last node is no start of another (E8). */
function commitsResult(shape: Shape, nodes: number, commits: number, appends: number): Result {
  if (commits !== appends) throw new Error(`${commits} commits for ${appends} appends`);
  const common = { part: "instant", unit: "commits", value: commits, tolerance: 1, note: `${nodes} nodes` } as const;
  if (shape !== "chain") return { ...common, name: `${shape}: commits of a run` };
  return { ...common, name: "chain: commits of a run", asked: { bound: "at most", value: nodes + 1 } };
}

/** The texts a run appends, append by append, and how many commits they took. */
async function record(
  workflow: Workflow,
  { folder }: BenchContext,
): Promise<{ readonly appends: readonly (readonly string[])[]; readonly commits: number }> {
  return withFolder(folder, async (stateDir) => {
    const journal = await openJournal(stateDir);
    const appends: (readonly string[])[] = [];
    const recording: Journal = {
      ...journal,
      create(run) {
        appends.push(run.events.map((event) => JSON.stringify(event)));
        return journal.create(run);
      },
      append(append) {
        appends.push(append.events.map((event) => JSON.stringify(event)));
        return journal.append(append);
      },
    };
    const watch = watchCommits();
    try {
      await runToSuccess(createRuntime(recording, createFakeExecutor(), workflow), workflow);
      return { appends, commits: watch.count };
    } finally {
      watch.stop();
      await journal.close();
    }
  });
}

function timeBusbar(workflow: Workflow, folder: string): Promise<number> {
  return withFolder(folder, async (stateDir) => {
    const journal = await openJournal(stateDir);
    const runtime = createRuntime(journal, createFakeExecutor(), workflow);
    const began = performance.now();
    await runToSuccess(runtime, workflow);
    const tookMs = performance.now() - began;
    await journal.close();
    return tookMs;
  });
}

function timeRows(appends: readonly (readonly string[])[], folder: string): Promise<number> {
  return withFolder(folder, async (rowsFolder) => {
    const rows = openBareRows(rowsFolder);
    const began = performance.now();
    for (const bodies of appends) rows.commit(bodies);
    const tookMs = performance.now() - began;
    rows.close();
    return tookMs;
  });
}
