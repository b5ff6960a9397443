import { startChild } from "../harness/child.ts";
import { withFolder } from "../harness/folders.ts";
import type { Part } from "../harness/part.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import {
  bareCommitsSetup,
  bareSetup,
  ECHO_SERVERS,
  memorySetup,
  type Setup,
  sqliteSetup,
  streamsSetup,
  timeLanes,
  timeRuns,
} from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";

const LANES = 50;

/** Figures known to be missed, by how much differs from machine to machine (performance.md): what fails is what makes them worse. */
const KNOWN_MISS = 1.6;

export const warmPart: Part = {
  name: "warm",
  about: "3-node runs in a process that is warm, no preflight, servers in another process, against three floors",
  async *measure(context) {
    const { folder, rounds } = context;
    const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
    const addresses = servers.said;
    try {
      const runs = context.short ? 100 : 200;
      // A setup of its own each time, so that no table is longer than another's.
      const timed = (open: (own: string) => Promise<Setup> | Setup, measure: (setup: Setup) => Promise<number>) => () =>
        withFolder(folder, async (own) => {
          const setup = await open(own);
          try {
            await timeRuns(setup, 5);
            return await measure(setup);
          } finally {
            await setup.close();
          }
        });
      const inTurn = (setup: Setup): Promise<number> => timeRuns(setup, runs);
      const samples = await measureInRounds(
        {
          a: timed(() => bareSetup(addresses), inTurn),
          b: timed((own) => bareCommitsSetup(addresses, own), inTurn),
          c: timed(() => streamsSetup(addresses), inTurn),
          sqlite: timed((own) => sqliteSetup(addresses, own), inTurn),
          memory: timed(() => memorySetup(addresses), inTurn),
        },
        context,
      );
      const ms = (values: readonly number[]): string => `${spreadOf(values).median.toFixed(2)} ms`;
      const turn = (name: string, of: readonly number[], to: readonly number[], atMost?: number, tolerance?: number) =>
        ratioResult("warm", name, ratioOf(of, to), rounds, {
          note: `${ms(of)} to ${ms(to)} a run`,
          ...(atMost === undefined ? {} : { asked: { bound: "at most", value: atMost } as const }),
          ...(tolerance === undefined ? {} : { tolerance }),
        });
      yield turn("one after another on SQLite, to B", samples.sqlite, samples.b, 1.1, KNOWN_MISS);
      yield turn("one after another in memory, to A", samples.memory, samples.a, 1.2);
      yield turn("one after another on SQLite, to A", samples.sqlite, samples.a);
      yield turn("one after another in memory, to C", samples.memory, samples.c);
      yield turn("floor B to floor A", samples.b, samples.a);
      yield turn("floor C to floor A", samples.c, samples.a);

      const atOnce = (setup: Setup): Promise<number> => timeLanes(setup, LANES, context.short ? 20 : 40);
      const rates = await measureInRounds(
        {
          a: timed(() => bareSetup(addresses), atOnce),
          c: timed(() => streamsSetup(addresses), atOnce),
          sqlite: timed((own) => sqliteSetup(addresses, own), atOnce),
          memory: timed(() => memorySetup(addresses), atOnce),
        },
        context,
      );
      const perSecond = (values: readonly number[]): string => Math.round(spreadOf(values).median).toLocaleString("en");
      const lanes = (name: string, of: readonly number[], atLeast?: number) =>
        ratioResult("warm", name, ratioOf(of, rates.a), rounds, {
          note: `${perSecond(of)} to ${perSecond(rates.a)} runs/s`,
          ...(atLeast === undefined
            ? {}
            : { asked: { bound: "at least", value: atLeast } as const, tolerance: KNOWN_MISS }),
        });
      yield lanes(`${LANES} at once on SQLite, throughput to A's`, rates.sqlite, 0.75);
      yield lanes(`${LANES} at once in memory, throughput to A's`, rates.memory);
      yield lanes(`${LANES} at once, throughput of C to A's`, rates.c);
    } finally {
      await servers.stop();
    }
  },
};
