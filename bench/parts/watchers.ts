import { startChild } from "../harness/child.ts";
import { withFolder } from "../harness/folders.ts";
import type { Part } from "../harness/part.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { ECHO_SERVERS, type Setup, sqliteSetup, timeLanes, timeRuns } from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";

const LANES = 50;
const WATCHERS = 2;

export const watchersPart: Part = {
  name: "watchers",
  about: `${LANES} runs of three nodes at once on SQLite, each watched by ${WATCHERS} that take every event, against none`,
  async *measure(context) {
    const { folder, rounds, short } = context;
    const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
    try {
      const timed = (watchers: number) => () =>
        withFolder(folder, async (own) => {
          const setup: Setup = await sqliteSetup(servers.said, own, watchers);
          try {
            await timeRuns(setup, 5);
            return await timeLanes(setup, LANES, short ? 20 : 40);
          } finally {
            await setup.close();
          }
        });
      const rates = await measureInRounds({ watched: timed(WATCHERS), alone: timed(0) }, context);
      const perSecond = (values: readonly number[]): string => Math.round(spreadOf(values).median).toLocaleString("en");
      yield ratioResult(
        "watchers",
        `throughput of ${LANES} runs with ${LANES * WATCHERS} watchers to that without`,
        ratioOf(rates.watched, rates.alone),
        rounds,
        {
          asked: { bound: "at least", value: 0.8 },
          note: `${perSecond(rates.watched)} to ${perSecond(rates.alone)} runs/s`,
        },
      );
    } finally {
      await servers.stop();
    }
  },
};
