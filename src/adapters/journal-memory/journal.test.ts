import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newRun } from "../../testing/journal-runs.ts";
import { describeJournal, type JournalHarness } from "../../testing/journal-suite.ts";
import { createMemoryJournal, createMemoryStore, openMemoryJournal } from "./journal.ts";

async function makeHarness(): Promise<JournalHarness> {
  const store = createMemoryStore();
  return {
    open: async () => openMemoryJournal(store),
    async createAndDie(runs) {
      const doomed = openMemoryJournal(store);
      for (const run of runs) await doomed.create(run);
      doomed.abandon();
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
