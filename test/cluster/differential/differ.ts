import { isDeepStrictEqual } from "node:util";
import { accountFor } from "./account.ts";
import { conduct } from "./conduct.ts";
import { follow } from "./follow.ts";
import type { Side } from "./moves.ts";
import { makeTrial } from "./trial.ts";

export interface Found {
  /** One line each, with its seed. */
  readonly differences: readonly string[];
  readonly runs: number;
  /** How often each was done, with the first word of what came back. */
  readonly moves: { readonly [move: string]: number };
}

/** Plays the trials of seeds on the local runtime, then on the cluster, several at once. */
export async function differ(
  cluster: Side,
  seeds: readonly number[],
  { lanes, restMs = 0 }: { readonly lanes: number; readonly restMs?: number },
): Promise<Found> {
  const found = { differences: [] as string[], runs: 0, moves: {} as { [move: string]: number } };
  const left = [...seeds].reverse();
  async function work(): Promise<void> {
    for (let seed = left.pop(); seed !== undefined; seed = left.pop()) {
      const trial = makeTrial(seed);
      const local = await conduct(trial);
      found.runs += local.runIds.length;
      for (const { move, answer } of local.steps) {
        const what = `${move.do} ${answer.replace(/\W.*/, "")}`;
        found.moves[what] = (found.moves[what] ?? 0) + 1;
      }
      try {
        cluster.stage.add(trial);
        await follow(cluster, trial, local, restMs);
        for (const runId of local.runIds) {
          const there = await accountFor(cluster, trial, runId);
          const here = await accountFor(local.side, trial, runId);
          const where = whereDiffer(here, there, runId);
          if (where !== undefined) throw new Error(where);
        }
      } catch (thrown) {
        found.differences.push(`BUSBAR_SEED=${seed}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, work));
  return found;
}

/** The innermost place where two values differ, with both. */
function whereDiffer(here: unknown, there: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(here, there)) return undefined;
  if (typeof here === "object" && typeof there === "object" && here !== null && there !== null) {
    const keys = new Set([...Object.keys(here), ...Object.keys(there)]);
    for (const key of keys) {
      const inner = whereDiffer(here[key as keyof typeof here], there[key as keyof typeof there], `${path}.${key}`);
      if (inner !== undefined) return inner;
    }
  }
  return `${path}: locally ${JSON.stringify(here)}, on the cluster ${JSON.stringify(there)}`;
}
