import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newRun } from "../../testing/journal-runs.ts";
import { describeJournal, type JournalHarness } from "../../testing/journal-suite.ts";
import { runToWrite, writeRun } from "../../testing/journal-writer.ts";
import { createMemoryJournal, openMemoryJournal } from "./journal.ts";
import { openMemoryRequester } from "./requester.ts";
import { createMemoryStore } from "./store.ts";

async function makeHarness(): Promise<JournalHarness> {
  const store = createMemoryStore();
  return {
    open: async () => openMemoryJournal(store),
    openRequester: async () => openMemoryRequester(store),
    async createAndDie(runs) {
      const doomed = openMemoryJournal(store);
      for (const run of runs) await doomed.create(run);
      doomed.abandon();
    },
    async startWriter(runId) {
      const writer = openMemoryJournal(store);
      await writer.create(runToWrite(runId));
      let isOver = false;
      const ended = writeRun(writer, runId).finally(() => {
        isOver = true;
      });
      return { ended, isOver: async () => isOver };
    },
    dispose: async () => {},
  };
}

describeJournal("the memory journal", makeHarness, { stored: false });

describe("the memory journal", () => {
  it("has a store of its own unless it is given one", async () => {
    const [one, two] = [createMemoryJournal(), createMemoryJournal()];
    await one.create(newRun("r"));
    assert.equal(await two.readRun("r"), undefined);
  });

  it("refuses everything once it is abandoned", async () => {
    const journal = createMemoryJournal();
    await journal.create(newRun("r"));
    journal.abandon();
    await assert.rejects(journal.readRun("r"), { code: "JOURNAL_FAILED" });
  });
});
