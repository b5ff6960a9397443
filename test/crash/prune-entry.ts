// The test entry of a prune: `busbar prune --keep N` without its command line, over the same ports, which die at a
// named point.

import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openSqliteJournal } from "../../src/adapters/journal-sqlite/journal.ts";
import { createSystemIds } from "../../src/adapters/system/ids.ts";
import { openRunLogs } from "../../src/app/run-logs.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { type PruneTools, prune } from "../../src/runtimes/shared/prune.ts";
import { killSelf } from "./aim.ts";
import { hireAssassin } from "./assassin.ts";
import type { PrunePoint } from "./points.ts";

export interface PruneAim {
  readonly point: Exclude<PrunePoint, "pruning">;
  /** At the n-th run, from 1. */
  readonly nth: number;
  readonly when: "before" | "meanwhile" | "after";
  /** How long after its beginning, in microseconds. */
  readonly delayUs: number;
}

export interface PruneInput {
  readonly stateDir: string;
  readonly keep: number;
  readonly aim: PruneAim;
}

const { stateDir, keep, aim } = JSON.parse(process.argv[2] ?? "") as PruneInput;
const shared = createShared(createSecrets(() => undefined));
const { clock } = shared;
const journal = await openSqliteJournal({
  stateDir,
  clock,
  ids: createSystemIds(),
  pid: process.pid,
  host: hostname(),
});
const logs = openRunLogs(stateDir, shared, () => undefined);
const assassin = await hireAssassin(join(stateDir, "journal.db-shm"));
const nths = { deleting: 0, sweeping: 0, givingBack: 0 };

/** Does it, and dies before, meanwhile or after where the aim is. */
async function aimed<T>(point: PruneAim["point"], action: () => Promise<T>): Promise<T> {
  nths[point] += 1;
  if (point !== aim.point || nths[point] !== aim.nth) return action();
  if (aim.when === "before") killSelf();
  if (aim.when === "meanwhile") assassin.strikeAfter(aim.delayUs);
  const done = await action();
  if (aim.when === "after") killSelf();
  // It was quicker than the assassin, who is on the way.
  await setTimeout(1000);
  return done;
}

const tools: PruneTools = {
  journal: {
    listRuns: journal.listRuns,
    readSize: journal.readSize,
    readUnswept: journal.readUnswept,
    noteSwept: journal.noteSwept,
    prune: (runId, at) => aimed("deleting", () => journal.prune(runId, at)),
    giveBack: () => aimed("givingBack", () => journal.giveBack()),
  },
  logs: { size: (runId) => logs.size(runId), remove: (runId) => aimed("sweeping", () => logs.remove(runId)) },
  clock,
  onDamage({ message }) {
    throw new Error(message);
  },
};
for await (const { run_id } of prune(tools, { keep })) process.stdout.write(`${run_id}\n`);
await journal.close();
