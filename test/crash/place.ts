import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournalReader } from "../../src/adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import type { JournalReader } from "../../src/ports/journal.ts";
import { readDefinition } from "../../src/testing/read-definition.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { readCheckpoint } from "./assassin.ts";
import { startCommand } from "./life.ts";

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
  const shm = join(stateDir, "journal.db-shm");
  // The checkpoint of a closing journal is over when its files have been removed.
  if (!existsSync(shm)) return false;
  const fd = openSync(shm, "r");
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

/** What `busbar doctor` finds: damaged rows, broken history rules and a list cache that differs, of any run. */
export async function findDamage(stateDir: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await startCommand(["doctor", "--state-dir", stateDir]).ended;
  return code === 0 ? [] : [`busbar doctor exits with ${code}: ${stdout}${stderr}`];
}

export async function withReader<T>(stateDir: string, action: (reader: JournalReader) => Promise<T>): Promise<T> {
  const reader = openJournalReader({ stateDir, clock: createSystemClock() });
  try {
    return await action(reader);
  } finally {
    await reader.close();
  }
}
