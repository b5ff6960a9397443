// Old journals keep loading (E7): every fixture under test/journals, and one made by this very version.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ExpectedJournal, makeJournalFixture, readExpected } from "../scripts/make-journal-fixture.ts";
import { openSqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { openJournalReader } from "../src/adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import { createSeededRandom } from "../src/kernel/random.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { createLocalRuntime } from "../src/runtimes/local/runtime.ts";
import { createFakeExecutor } from "../src/testing/fake-executor.ts";
import { readDefinition } from "../src/testing/read-definition.ts";

const fixtures = fileURLToPath(new URL("./journals/", import.meta.url));
const released = existsSync(fixtures) ? readdirSync(fixtures).filter((name) => name.startsWith("v")) : [];
const clock = createSystemClock();

describe("journals of every release (E7)", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-fixtures-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of [...released, "of this version"]) {
    const prepare = async (): Promise<{ readonly stateDir: string; readonly expected: ExpectedJournal }> => {
      const made = join(folder, "made");
      if (name === "of this version") await makeJournalFixture(made, "0.0.0");
      const source = name === "of this version" ? made : join(fixtures, name);
      const stateDir = mkdtempSync(join(folder, "state-"));
      for (const file of ["journal.db", "journal.db-wal"]) cpSync(join(source, file), join(stateDir, file));
      return { stateDir, expected: readExpected(source) };
    };

    it(`${name}: everything reads back as it was written`, async () => {
      const { stateDir, expected } = await prepare();
      const reader = openJournalReader({ stateDir, clock });
      assert.ok(expected.runs.length > 0);
      assert.deepEqual(
        (await reader.listRuns()).runs,
        expected.runs.map((run) => run.record),
      );
      for (const { record, events, requests } of expected.runs) {
        assert.deepEqual(await reader.readEvents(record.runId), events);
        assert.deepEqual(await reader.readRequests(record.runId), requests);
        assert.equal((await reader.readDefinition(record.definitionHash))?.hash, record.definitionHash);
      }
      assert.deepEqual(await reader.checkIntegrity(), []);
      await reader.close();
    });

    it(`${name}: every run folds to what it was, and those that can be are resumed to their end`, async () => {
      const { stateDir, expected } = await prepare();
      mkdirSync(join(stateDir, "owners"), { recursive: true });
      const ids = createSystemIds();
      const journal = await openSqliteJournal({ stateDir, clock, ids, pid: process.pid, host: "here" });
      const runtime = createLocalRuntime({
        ...{ journal, clock, ids, readDefinition },
        executors: { grpc: createFakeExecutor() },
        random: createSeededRandom(1),
        secrets: createSecrets(() => undefined),
        busbarVersion: "0.0.0",
      });
      const resumed: string[] = [];
      for (const { record, view } of expected.runs) {
        const now = await runtime.get(record.runId);
        assert.deepEqual(
          now.nodes.map(({ id, status }) => ({ id, status })),
          view.nodes.map(({ id, status }) => ({ id, status })),
        );
        assert.equal(now.status, view.status);
        if (record.summary.status === "succeeded") continue;
        await runtime.resume(record.runId, { by: "a test" });
        const end = await runtime.wait(record.runId);
        resumed.push(`${record.runId} ${end.type}`);
      }
      assert.deepEqual(resumed, ["interrupted run.succeeded", "cancelled run.succeeded", "failed run.succeeded"]);
      assert.deepEqual(await journal.checkIntegrity(), []);
      await runtime.close();
      await journal.close();
    });
  }
});
