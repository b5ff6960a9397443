import { startChild } from "../harness/child.ts";
import { watchCommits } from "../harness/commits.ts";
import { withFolder } from "../harness/folders.ts";
import { delayWhile } from "../harness/loop-delay.ts";
import type { Part } from "../harness/part.ts";
import { allowanceOf } from "../harness/result.ts";
import { measureInRounds } from "../harness/rounds.ts";
import { bareSetup, ECHO_SERVERS, type Setup, sqliteSetup, timeLanes, timeRuns } from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";

const LANES = 50;
const SLOW_MS = 10;
/** It is 0.6 to 1.2 of floor A's, on slow and busy machines too; slower fsyncs make it 2.5. */
const MOST_OF_FLOOR = 1.5;

export const delayPart: Part = {
  name: "delay",
  about: `event-loop delay, p99, with ${LANES} runs at once`,
  async *measure(context) {
    const { folder, rounds, short } = context;
    const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
    const addresses = servers.said;
    try {
      const p99 = (open: (own: string) => Promise<Setup> | Setup, slowMs: number, runsEach: number) => () =>
        withFolder(folder, async (own) => {
          const setup = await open(own);
          try {
            await timeRuns(setup, 5);
            return await delayWithCommits(slowMs, () => timeLanes(setup, LANES, runsEach));
          } finally {
            await setup.close();
          }
        });
      const runs = short ? 16 : 32;
      const samples = await measureInRounds(
        {
          bare: p99(() => bareSetup(addresses), 0, runs),
          real: p99((own) => sqliteSetup(addresses, own), 0, runs),
          slow: p99((own) => sqliteSetup(addresses, own), SLOW_MS, short ? 4 : 8),
        },
        context,
      );
      const result = (name: string, values: readonly number[]) => {
        const spread = spreadOf(values);
        return { part: "delay", name, unit: "ms", value: spread.median, spread, rounds };
      };
      yield {
        ...result("with the disk's own fsync", samples.real),
        asked: { bound: "at most", value: 20 },
        allowance: allowanceOf(samples.bare, MOST_OF_FLOOR),
      };
      yield result(`with ${SLOW_MS} ms more for each fsync`, samples.slow);
      yield result("of floor A, which records nothing", samples.bare);
    } finally {
      await servers.stop();
    }
  },
};

/** @param slowMs how much longer each commit is to take */
async function delayWithCommits(slowMs: number, action: () => Promise<unknown>): Promise<number> {
  const watch = watchCommits(slowMs);
  try {
    return await delayWhile(action);
  } finally {
    watch.stop();
  }
}
