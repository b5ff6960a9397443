// Writes the journal that test/journals.test.ts keeps loading from then on (E7): run it once a release.
// Usage: node scripts/make-journal-fixture.ts [FOLDER]   (default: test/journals/v<version of package.json>)
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import type { RunEvent } from "../src/engine/events.ts";
import type { Outcome } from "../src/engine/outcome.ts";
import { createSeededRandom } from "../src/kernel/random.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import type { Journal, RunRecord } from "../src/ports/journal.ts";
import type { RequestRecord } from "../src/ports/requests.ts";
import type { RunView } from "../src/ports/runtime.ts";
import { createLocalRuntime } from "../src/runtimes/local/runtime.ts";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../src/testing/fake-executor.ts";
import { readDefinition } from "../src/testing/read-definition.ts";
import { workflowOf } from "../src/testing/workflow-of.ts";

/** What a fixture must read back as; stands beside it as expected.json. */
export interface ExpectedJournal {
  readonly runs: readonly {
    readonly record: RunRecord;
    readonly events: readonly RunEvent[];
    readonly requests: readonly RequestRecord[];
    readonly view: RunView;
  }[];
}

/** What stands beside a fixture. Version 0.1 did not write down the places of its runs, which their order tells. */
export function readExpected(folder: string): ExpectedJournal {
  const { runs }: ExpectedJournal = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const places = runs.map((_, index) => runs.length - index);
  return { runs: runs.map((run, index) => ({ ...run, record: { ...{ n: places[index] ?? 0 }, ...run.record } })) };
}

/** Writes journal.db, journal.db-wal (as a killed process leaves them) and expected.json. */
export async function makeJournalFixture(folder: string, busbarVersion: string): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), "busbar-fixture-"));
  const open = async (): Promise<Fixture> => {
    const [clock, ids] = [createSystemClock(), createSystemIds()];
    const journal = await openSqliteJournal({ stateDir, clock, ids, pid: 4711, host: "fixture", busbarVersion });
    const failing = new Set(["broken", "flaky"]);
    const executor = createFakeExecutor(({ nodeId, attempt }, signal): Outcome | Promise<Outcome> => {
      if (nodeId === "endless") return untilAborted(signal);
      if (!failing.has(nodeId) || (nodeId === "flaky" && attempt > 1)) return SUCCEEDED;
      return { outcome: "failed", error: { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" } };
    });
    const runtime = createLocalRuntime({
      ...{ journal, clock, ids, busbarVersion, readDefinition },
      executors: { grpc: executor },
      random: createSeededRandom(1),
      secrets: createSecrets(() => undefined),
    });
    return { journal, runtime, failing };
  };

  // In the database: runs that succeeded, failed after retries, and were resumed to their end.
  const first = await open();
  const retry = { maxAttempts: 3, initialBackoffMs: 1, maxBackoffMs: 2 };
  await run(first, "succeeded", "a > b, c > d");
  await run(first, "retried", "flaky > end", { retry });
  await run(first, "failed", "a > broken > never; a > beside", { retry, onFailure: "continue" });
  await run(first, "resumed", "a > broken > end", { retry });
  first.failing.clear();
  await first.runtime.resume("resumed", { by: "fixture" });
  await first.runtime.wait("resumed");
  await first.runtime.close();
  await first.journal.close();

  // In the WAL only: a cancelled run, one that is left with an attempt outstanding, and a request nobody answered.
  const second = await open();
  const { definition } = workflowOf("a > endless > end");
  await second.runtime.start({ definition, runId: "cancelled" });
  await second.runtime.request({ runId: "cancelled", kind: "cancel", key: "first", by: "fixture", reason: "enough" });
  await second.runtime.wait("cancelled");
  await second.runtime.start({ definition, runId: "interrupted" });
  while (
    (await second.journal.readEvents("interrupted")).every((e) => e.type !== "node.started" || e.node_id !== "endless")
  )
    await new Promise((resolve) => setImmediate(resolve));
  await second.runtime.close();
  const at = new Date().toISOString();
  await second.journal.addRequest({ runId: "interrupted", kind: "cancel", key: "unanswered", by: "fixture", at });

  const runs: ExpectedJournal["runs"][number][] = [];
  for (const record of (await second.journal.listRuns()).runs) {
    runs.push({
      record: { ...record, owner: { ...record.owner, alive: false } },
      events: await second.journal.readEvents(record.runId),
      requests: await second.journal.readRequests(record.runId),
      view: await second.runtime.get(record.runId),
    });
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["journal.db", "journal.db-wal"]) copyFileSync(join(stateDir, name), join(folder, name));
  const expected: ExpectedJournal = { runs };
  writeFileSync(join(folder, "expected.json"), `${JSON.stringify(expected, null, 1)}\n`);
  await second.journal.close();
  rmSync(stateDir, { recursive: true, force: true });
}

interface Fixture {
  readonly journal: Journal;
  readonly runtime: ReturnType<typeof createLocalRuntime>;
  /** Nodes whose calls fail now. */
  readonly failing: Set<string>;
}

async function run(
  { runtime }: Fixture,
  runId: string,
  literal: string,
  options: Parameters<typeof workflowOf>[1] = {},
): Promise<void> {
  const { definition } = workflowOf(literal, options);
  await runtime.start({ definition, runId });
  await runtime.wait(runId);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = process.argv[2] ?? join(root, "test", "journals", `v${version}`);
  await makeJournalFixture(folder, version);
  process.stdout.write(`${folder}\n`);
}
