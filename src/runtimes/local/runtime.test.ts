import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { openSqliteJournal } from "../../adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import { createSystemIds } from "../../adapters/system/ids.ts";
import { createSystemRandom } from "../../adapters/system/random.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Journal, StoredRun } from "../../ports/journal.ts";
import type { Runtime } from "../../ports/runtime.ts";
import { cloneThrough } from "../../testing/cloning-runtime.ts";
import { createFakeExecutor, type FakeExecutor, SUCCEEDED } from "../../testing/fake-executor.ts";
import { readDefinition } from "../../testing/read-definition.ts";
import { readOver } from "../../testing/read-over.ts";
import type { OpenRuntime, RuntimeHarness } from "../../testing/runtime-harness.ts";
import { describeRuntime } from "../../testing/runtime-suite.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { createLocalRuntime, type LocalRuntime } from "./runtime.ts";

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

/** On a store of its own; every runtime stands for a process. */
function onMemory(through: (runtime: LocalRuntime) => Runtime): () => Promise<RuntimeHarness> {
  return async () => {
    const store = createMemoryStore();
    return {
      async open(executor): Promise<OpenRuntime> {
        const journal = openMemoryJournal(store);
        const runtime = runtimeOver(journal, executor);
        return {
          runtime: through(runtime),
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
  };
}

describeRuntime(
  "local, memory journal",
  onMemory((runtime) => runtime),
);
describeRuntime("local, through a proxy that clones everything", onMemory(cloneThrough));

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

describe("a view that is read in parts", () => {
  it("would be torn, and be noticed (R5)", async () => {
    const journal = openMemoryJournal(createMemoryStore());
    const executor = createFakeExecutor(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return SUCCEEDED;
    });
    const runtime = runtimeOver(journal, executor);
    const inParts = runtimeOver(
      { ...journal, ownerId: journal.ownerId, readStored: (id) => readInParts(journal, id) },
      executor,
    );
    const { definition } = workflowOf(Array.from({ length: 200 }, (_, index) => `n${index}`).join("; "), {
      maxParallel: 2,
    });
    const { runId } = await runtime.start({ definition });
    let isOver = false;
    const ended = runtime.wait(runId).finally(() => {
      isOver = true;
    });
    const seen = await readOver([inParts], runId, () => isOver);
    await ended;
    assert.ok(seen.torn.length > 0, `of ${seen.lengths} lengths none was torn`);
    await runtime.close();
    await inParts.close();
  });
});

/** As `get` once did: the row first, then the events, while others write. */
async function readInParts(journal: Journal, runId: string): Promise<StoredRun | undefined> {
  const record = await journal.readRun(runId);
  await new Promise((resolve) => setImmediate(resolve));
  const stored = await journal.readStored(runId);
  return record === undefined || stored === undefined ? undefined : { ...stored, record };
}
