import { readPlace } from "../../adapters/journal-sqlite/place.ts";
import { openJournalReader } from "../../adapters/journal-sqlite/reader.ts";
import { type ErrorInfo, toErrorInfo } from "../../kernel/errors.ts";
import type { Check, StoreChecks } from "../../ports/checks.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { ReadDefinition } from "../../runtimes/shared/load.ts";
import type { Shared } from "../shared.ts";
import { checkJournal, checkRun } from "./history.ts";
import { checkDisk, checkStateDir } from "./place.ts";

/** Everything that can be checked of a state directory, without owning it. */
export async function examineStateDir(
  { stateDir, allowRemoteState }: { readonly stateDir: string; readonly allowRemoteState: boolean },
  { clock, definitions }: Shared,
): Promise<readonly Check[]> {
  const journal = openJournalReader({ stateDir, clock });
  try {
    return await examine({ ...journal, place: () => readPlace(stateDir) }, definitions.read, allowRemoteState);
  } finally {
    await journal.close();
  }
}

async function examine(
  store: StoreChecks,
  readDefinition: ReadDefinition,
  allowRemoteState: boolean,
): Promise<readonly Check[]> {
  const place = store.place();
  return [
    checkStateDir(place, allowRemoteState),
    checkDisk(place),
    ...(await checkJournal(store)),
    ...(await checkRuns(store, readDefinition)),
  ];
}

async function checkRuns(store: StoreChecks, readDefinition: ReadDefinition): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const { runs, damaged } = await listWhole(store);
  for (const { runId } of runs) checks.push(...(await checkRun(store, readDefinition, runId)));
  const bad = new Set(checks.map((check) => check.run_id)).size;
  const good = runs.length - bad;
  if (bad + damaged.length > 0 && good === 0) return checks;
  const message =
    runs.length === 0 ? "no runs are recorded" : `${good} of ${runs.length} recorded runs keep every history rule`;
  return [...checks, { check: "run", ok: true, message }];
}

/** The runs that can be listed; what cannot be has been found by the check of the journal. */
async function listWhole(
  store: StoreChecks,
): Promise<{ readonly runs: readonly RunRecord[]; readonly damaged: readonly ErrorInfo[] }> {
  return store.listRuns().catch((thrown: unknown) => ({ runs: [], damaged: [toErrorInfo(thrown)] }));
}
