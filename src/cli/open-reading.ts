import { openJournalReader, type SqliteReader } from "../adapters/journal-sqlite/reader.ts";
import { createSystemClock } from "../adapters/system/clock.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { createSystemRandom } from "../adapters/system/random.ts";
import { createDefinitions } from "../app/definitions.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { RunRecord } from "../ports/journal.ts";
import type { Runtime } from "../ports/runtime.ts";
import { createLocalRuntime } from "../runtimes/local/runtime.ts";
import type { Invocation } from "./command.ts";
import { resolveStateDir } from "./state-dir.ts";

export interface Reading {
  readonly runtime: Pick<Runtime, "get" | "list" | "events" | "watch">;
  readonly reader: SqliteReader;
  readonly stateDir: string;
  close(): Promise<void>;
}

/** Opens the state directory for looking only: nothing is made, nothing is owned, a read-only directory will do. */
export function openReading({ values, io, secrets, version }: Invocation): Reading {
  const stateDir = resolveStateDir({ flag: values.text("state-dir"), env: io.env, cwd: io.cwd });
  const clock = createSystemClock();
  const reader = openJournalReader({ stateDir, clock });
  const refuse = async (): Promise<never> => {
    throw new BusbarError("INTERNAL", "a journal that is open for reading was written to");
  };
  const runtime = createLocalRuntime({
    journal: {
      ...reader,
      ...{ ownerId: "", create: refuse, append: refuse, takeOver: refuse, addRequest: refuse, readUnanswered: refuse },
    },
    executors: {},
    clock,
    random: createSystemRandom(),
    ids: createSystemIds(),
    secrets,
    busbarVersion: version,
    readDefinition: createDefinitions().read,
  });
  return {
    runtime,
    reader,
    stateDir,
    async close() {
      await runtime.close();
      await reader.close();
    },
  };
}

/**
 * The run as it stands, before anything is made or owned for one that is not there.
 * @throws BusbarError RUN_NOT_FOUND
 */
export async function requireRun(invocation: Invocation, runId: string): Promise<RunRecord> {
  const { reader, stateDir, close } = openReading(invocation);
  try {
    const record = await reader.readRun(runId);
    if (record !== undefined) return record;
    throw new BusbarError("RUN_NOT_FOUND", `there is no run "${runId}" in ${stateDir}`);
  } finally {
    await close();
  }
}
