import { BUSBAR_SERVICES, type ClusterState, type StuckCall } from "../../adapters/restate/examination.ts";
import type { Check } from "../../ports/checks.ts";

/** Restate from which on the cluster runtime works, and the one that its tests know. */
const OLDEST = [1, 7];
const KNOWN = "1.7.12";
/** Its word for a journal that does not fit what the worker did. */
const MISMATCH = "RT0016";
const MAX_NAMED = 5;

/**
 * What is told of a cluster as it is.
 * @param admin its admin API, as whoever starts a worker has to name it
 */
export function checkCluster(state: ClusterState, busbarVersion: string, admin: string): readonly Check[] {
  return [checkVersion(state), ...checkWorkers(state, busbarVersion, admin), ...checkStuck(state.stuck)];
}

function checkVersion({ version, nodes, features }: ClusterState): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  const ok = major > oldMajor || (major === oldMajor && minor >= oldMinor);
  const of = nodes === undefined ? "" : `, ${nodes} node${nodes === 1 ? "" : "s"}`;
  const seen = version === KNOWN ? "" : ` (Busbar is tested with ${KNOWN})`;
  const on =
    features.length === 0 ? "" : `; experimental features are on, which cannot be taken back: ${features.join(", ")}`;
  if (ok) return { check: "cluster", ok, message: `Restate ${version}${of}${seen}${on}` };
  return { check: "cluster", ok, message: `Restate ${version} is too old: install ${OLDEST.join(".")} or newer` };
}

function checkWorkers({ workers, services }: ClusterState, busbarVersion: string, admin: string): readonly Check[] {
  const checks: Check[] = [];
  const add = (ok: boolean, message: string): void => void checks.push({ check: "workers", ok, message });
  const missing = BUSBAR_SERVICES.filter((name) => !services.has(name));
  if (missing.length > 0)
    add(false, `no worker serves ${missing.join(", ")}: start one with \`busbar worker --admin ${admin}\``);
  const current = services.get(BUSBAR_SERVICES[0] ?? "");
  if (current?.version !== undefined && current.version !== busbarVersion) {
    add(
      false,
      `new runs go to workers of Busbar ${current.version}, and this is ${busbarVersion}: update the older of the two`,
    );
  }
  const isOurs = new Set([...services.values()].map((service) => service.workers));
  for (const { id, address, runs, status } of workers) {
    const isCurrent = isOurs.has(id);
    // What others have on the same Restate is nothing to us.
    if (!isCurrent && runs.length === 0 && status === undefined) continue;
    const stays =
      runs.length === 0
        ? "no run stays there"
        : `${runs.length} run${runs.length === 1 ? "" : "s"} there: ${listed(runs)}`;
    const answers =
      status === undefined
        ? "does not answer here, and need not where only Restate reaches it"
        : status === 401
          ? "answers, and demands signed requests"
          : `answers, also without a signature: give --identity-key where others reach it`;
    const drained = runs.length === 0 ? "may be taken away" : "has to stay until they have ended";
    add(
      true,
      `${isCurrent ? "workers" : "former workers"} at ${address}: ${answers}; ${stays}${isCurrent ? "" : `; ${drained}`}`,
    );
  }
  return checks;
}

function listed(runs: readonly string[]): string {
  return `${runs.slice(0, MAX_NAMED).join(", ")}${runs.length > MAX_NAMED ? ", …" : ""}`;
}

function checkStuck(stuck: readonly StuckCall[]): readonly Check[] {
  if (stuck.length === 0) return [{ check: "drives", ok: true, message: "no drive and no attempt is stuck" }];
  return stuck.map(({ id, what, runId, since, retries, failure, code, isPaused }) => {
    const state = isPaused ? "is paused by Restate" : `failed ${retries} times`;
    const remedy =
      code === MISMATCH
        ? "it began on a worker of another version: register that one at an address of its own"
        : isPaused
          ? `\`restate invocations resume ${id}\` once its cause is gone`
          : "it is tried again by itself once its cause is gone";
    return {
      check: "drives",
      ok: false,
      message: `its ${what === "other" ? "call" : what} ${id}, since ${since}, ${state}: ${failure}; ${remedy}`,
      ...(runId === undefined ? {} : { run_id: runId }),
    };
  });
}
