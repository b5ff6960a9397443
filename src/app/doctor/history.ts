import { isDeepStrictEqual } from "node:util";
import { checkHistory } from "../../engine/rules.ts";
import { summarize } from "../../engine/state.ts";
import type { RunSummary } from "../../engine/summary.ts";
import { toErrorInfo } from "../../kernel/errors.ts";
import type { Check, IntegrityFinding, StoreChecks } from "../../ports/checks.ts";
import { loadRun, type ReadDefinition } from "../../runtimes/shared/load.ts";

/** Violations named for one run; a history that went wrong once breaks many rules after that. */
const MAX_NAMED = 5;

/** The journal as a whole: does everything read back as it was written? */
export async function checkJournal(store: Pick<StoreChecks, "checkIntegrity">): Promise<readonly Check[]> {
  // A journal that cannot even be opened is a finding too.
  const findings = await store.checkIntegrity().catch((thrown: unknown) => [{ error: toErrorInfo(thrown) }]);
  if (findings.length === 0) return [{ check: "journal", ok: true, message: "every row reads back as it was written" }];
  return findings.map(({ runId, error }: IntegrityFinding) => ({
    check: "journal",
    ok: false,
    message: `${error.code}: ${error.message}`,
    ...(runId === undefined ? {} : { run_id: runId }),
  }));
}

/** One run: does its history keep the rules, and does the list say of it what its events say? */
export async function checkRun(
  store: Pick<StoreChecks, "readStored" | "location">,
  readDefinition: ReadDefinition,
  runId: string,
): Promise<readonly Check[]> {
  const wrong = (message: string): Check => ({ check: "run", ok: false, message, run_id: runId });
  try {
    const { events, workflowOf, record, state } = await loadRun(store, readDefinition, runId);
    const violations = checkHistory(events, workflowOf);
    const checks = violations
      .slice(0, MAX_NAMED)
      .map(({ rule, seq, message }) => wrong(`event ${seq} breaks the rule "${rule}": ${message}`));
    if (violations.length > MAX_NAMED) checks.push(wrong(`and ${violations.length - MAX_NAMED} more broken rules`));
    const different = differences(record.summary, summarize(state));
    if (different.length > 0) checks.push(wrong(`the list shows another ${different.join(", ")} than the events tell`));
    return checks;
  } catch (thrown) {
    const { code, message } = toErrorInfo(thrown);
    return [wrong(`${code}: ${message}`)];
  }
}

/** Names of the fields that differ. */
function differences(listed: RunSummary, told: RunSummary): readonly string[] {
  const names = new Set([...Object.keys(listed), ...Object.keys(told)]) as Set<keyof RunSummary>;
  return [...names].filter((name) => !isDeepStrictEqual(listed[name], told[name]));
}
