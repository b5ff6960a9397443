import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { openSqliteJournal } from "../../adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSystemIds } from "../../adapters/system/ids.ts";
import { createSystemRandom } from "../../adapters/system/random.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Journal } from "../../ports/journal.ts";
import type { FakeExecutor } from "../../testing/fake-executor.ts";
import { readDefinition } from "../../testing/read-definition.ts";
import { describeRuntime, type OpenRuntime } from "../../testing/runtime-suite.ts";
import { createLocalRuntime } from "./runtime.ts";

function runtimeOver(journal: Journal, executor: FakeExecutor) {
  return createLocalRuntime({
    journal,
    executors: { grpc: executor },
    clock: createSystemClock(),
    random: createSystemRandom(),
    ids: createSystemIds(),
    secrets: createSecrets(() => undefined),
    busbarVersion: "0.0.0",
    readDefinition,
  });
}

describeRuntime("local, memory journal", async () => {
  const store = createMemoryStore();
  return {
    async open(executor): Promise<OpenRuntime> {
      const journal = openMemoryJournal(store);
      const runtime = runtimeOver(journal, executor);
      return {
        runtime,
        async crash() {
          journal.abandon();
          await runtime.close();
        },
        async close() {
          await runtime.close();
          await journal.close();
        },
      };
    },
    async close() {},
  };
});

describeRuntime("local, SQLite journal", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "busbar-runtime-"));
  return {
    async open(executor): Promise<OpenRuntime> {
      const [clock, ids] = [createSystemClock(), createSystemIds()];
      const journal = await openSqliteJournal({ stateDir, clock, ids, pid: process.pid, host: "test" });
      const runtime = runtimeOver(journal, executor);
      return {
        runtime,
        async crash() {
          await journal.close();
          await runtime.close();
        },
        async close() {
          await runtime.close();
          await journal.close();
        },
      };
    },
    async close() {
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
});
