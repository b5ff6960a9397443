import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournalReader, type SqliteReader } from "../../src/adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import type { Workflow } from "../../src/spec/workflow.ts";
import { readDefinition } from "../../src/testing/read-definition.ts";
import { readCheckpoint } from "./assassin.ts";

/** Where a run's files are. */
export interface Place {
  readonly file: string;
  readonly stateDir: string;
  remove(): void;
}

/** @param ownJournal whether the run has a state directory of its own, or shares one with the others in `folder` */
export function preparePlace(folder: string, runId: string, text: string, ownJournal: boolean): Place {
  const own = join(folder, runId);
  mkdirSync(own, { recursive: true });
  const file = join(own, "workflow.json");
  writeFileSync(file, text);
  return {
    file,
    stateDir: join(ownJournal ? own : folder, "state"),
    remove: () => rmSync(own, { recursive: true, force: true }),
  };
}

/** Whether the process that had the journal died between the beginning and the end of a checkpoint. */
export function diedInCheckpoint(stateDir: string): boolean {
  const fd = openSync(join(stateDir, "journal.db-shm"), "r");
  try {
    const { attempted, done } = readCheckpoint(fd);
    return attempted !== done;
  } finally {
    closeSync(fd);
  }
}

/** The run's events; none if it was not created. */
export function readEvents(stateDir: string, runId: string): Promise<readonly RunEvent[]> {
  return withReader(stateDir, (reader) => reader.readEvents(runId));
}

/** Every workflow that the run has had, by its hash. */
export async function readWorkflows(
  stateDir: string,
  events: readonly RunEvent[],
): Promise<(definitionHash: string) => Workflow | undefined> {
  const workflows = new Map<string, Workflow>();
  await withReader(stateDir, async (reader) => {
    for (const event of events) {
      if (event.type !== "run.created" && event.type !== "run.resumed") continue;
      const definition = await reader.readDefinition(event.definition_hash);
      if (definition !== undefined) workflows.set(definition.hash, await readDefinition(definition));
    }
  });
  return (hash) => workflows.get(hash);
}

/** What the journal says about itself: damaged rows, of any run. */
export function findDamage(stateDir: string): Promise<readonly string[]> {
  return withReader(stateDir, async (reader) =>
    (await reader.checkIntegrity()).map(({ runId, error }) => `the journal is damaged (${runId}): ${error.message}`),
  );
}

async function withReader<T>(stateDir: string, action: (reader: SqliteReader) => Promise<T>): Promise<T> {
  const reader = openJournalReader({ stateDir, clock: createSystemClock() });
  try {
    return await action(reader);
  } finally {
    await reader.close();
  }
}
