import { startChild } from "../harness/child.ts";
import { withFolder } from "../harness/folders.ts";
import { delayWhile } from "../harness/loop-delay.ts";
import type { Part } from "../harness/part.ts";
import { startReaders } from "../harness/readers.ts";
import { ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf } from "../harness/rounds.ts";
import { ECHO_SERVERS, sqliteSetup, timeLanes, timeRuns } from "../harness/setups.ts";
import { spreadOf } from "../harness/statistics.ts";

const LANES = 50;
const WATCHERS = 2;
const READERS = 10;

export const readersPart: Part = {
  name: "readers",
  about: `event-loop delay, p99, of ${LANES} runs at once on SQLite, each watched by ${WATCHERS}, beside ${READERS} readers that list 50 runs and view one ten times a second, against none of them`,
  async *measure(context) {
    const { folder, rounds, short } = context;
    const servers = await startChild<readonly string[]>([ECHO_SERVERS]);
    try {
      const p99 = (readers: number, watchers: number) => () =>
        withFolder(folder, async (own) => {
          const setup = await sqliteSetup(servers.said, own, watchers);
          try {
            await timeRuns(setup, 5);
            const stop = startReaders(setup.reader, readers);
            const delay = await delayWhile(() => timeLanes(setup, LANES, short ? 16 : 32));
            await stop();
            return delay;
          } finally {
            await setup.close();
          }
        });
      const samples = await measureInRounds({ read: p99(READERS, WATCHERS), alone: p99(0, 0) }, context);
      const [read, alone] = [spreadOf(samples.read), spreadOf(samples.alone)];
      yield ratioResult(
        "readers",
        "event-loop delay p99 beside readers to that without",
        ratioOf(samples.read, samples.alone),
        rounds,
        {
          asked: { bound: "at most", value: 1.3 },
          note: `${read.median.toFixed(1)} ms to ${alone.median.toFixed(1)} ms`,
        },
      );
    } finally {
      await servers.stop();
    }
  },
};
