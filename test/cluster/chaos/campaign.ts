import { setTimeout as sleep } from "node:timers/promises";
import { BusbarError } from "../../../src/kernel/errors.ts";
import type { Random } from "../../../src/kernel/random.ts";
import { commit, type PastFault } from "./faults.ts";
import type { Field } from "./field.ts";
import { findFaults, type PastRun } from "./judge.ts";
import { isMismatch } from "./mismatch.ts";
import { type PlannedRun, planFaults, planRun } from "./plan.ts";

export interface CampaignResult {
  readonly runs: readonly PastRun[];
  readonly broken: readonly PastFault[];
  readonly faults: readonly string[];
}

export interface CampaignOptions {
  readonly random: Random;
  /** How many runs, at least. */
  readonly count: number;
  /** How many are under way at once. */
  readonly lanes: number;
  /** Whether nodes are also stopped, which takes half a minute each. */
  readonly stopsNodes: boolean;
}

/** Between two faults, in milliseconds. */
const REST_MS = 700;

/** Makes runs while all that can break breaks, at least once each; then judges what has become of them. */
export async function runCampaign(
  field: Field,
  { random, count, lanes, stopsNodes }: CampaignOptions,
): Promise<CampaignResult> {
  const broken: PastFault[] = [];
  const over: Omit<PastRun, "notes">[] = [];
  const faults: string[] = [];
  let isBreaking = true;
  let left = count;

  async function breakAll(): Promise<void> {
    for (let hasAll = false; left > 0 || !hasAll; hasAll = true) {
      for (const fault of planFaults(random, {
        workers: field.workers.length,
        nodes: field.servers.nodes.length,
        stopsNodes,
      })) {
        await sleep(REST_MS);
        broken.push(await commit(field, fault));
        if (left <= 0 && hasAll) break;
      }
    }
    isBreaking = false;
  }

  async function lane(): Promise<void> {
    while (left > 0 || isBreaking) {
      left -= 1;
      const plan = planRun(random);
      try {
        over.push(await makeRun(field, plan));
      } catch (thrown) {
        faults.push(`${plan.workflow.definition.hash.slice(0, 8)}: ${String(thrown)}`);
      }
    }
  }

  await Promise.all([breakAll(), ...Array.from({ length: lanes }, lane)]);
  const notes = field.workers.flatMap((worker) => worker.notes());
  const runs = over.map((run) => ({ ...run, notes: notes.filter(({ runId }) => runId === run.runId) }));
  faults.push(...runs.flatMap(findFaults), ...(await findLeft(field)), ...findMismatches(field));
  return { runs, broken, faults };
}

async function makeRun({ runtime }: Field, plan: PlannedRun): Promise<Omit<PastRun, "notes">> {
  const { runId } = await runtime.start({ definition: plan.workflow.definition });
  /** A run that has ended meanwhile says so: an answer as well. */
  const ask = async (kind: "pause" | "unpause" | "cancel"): Promise<void> => {
    try {
      await runtime.request({ runId, kind, key: `${kind}/${runId}`, by: "chaos" });
    } catch (error) {
      if (!(error instanceof BusbarError) || error.code !== "RUN_ALREADY_ENDED") throw error;
    }
  };
  if (plan.asks !== "nothing") await sleep(100);
  if (plan.asks === "cancel") await ask("cancel");
  if (plan.asks === "pause") {
    await ask("pause");
    await sleep(200);
    await ask("unpause");
  }
  await runtime.wait(runId);
  return { plan, runId, events: await runtime.events(runId) };
}

/** Restate works on nothing of ours any more. */
async function findLeft({ admin }: Field): Promise<readonly string[]> {
  const sql = "SELECT id, target, status, last_failure FROM sys_invocation WHERE status <> 'completed'";
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await admin.query(sql)).length === 0) return [];
    await sleep(100);
  }
  return (await admin.query(sql)).map((row) => `Restate still has ${JSON.stringify(row)}`);
}

function findMismatches({ servers, workers }: Field): readonly string[] {
  const said = [...servers.nodes.map((node) => node.log()), ...workers.map((worker) => worker.complaints())].join("\n");
  return said.split("\n").filter(isMismatch);
}
