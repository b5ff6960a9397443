import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCampaign } from "./campaign.ts";
import { makePlan } from "./generate.ts";
import type { FailedSeed } from "./lane.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { simulate } from "./simulate.ts";

export interface MutationOptions {
  readonly root: string;
  readonly from: number;
  readonly seeds: number;
  readonly lanes: number;
  /** Mutants whose name contains it. */
  readonly only: string;
  readonly print: (text: string) => void;
}

/** Plants one mutant after the other in a copy of the tree; the simulator must find each. */
export async function tryMutants(
  options: MutationOptions,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const mutant of MUTANTS.filter(({ name }) => name.includes(options.only))) {
    const found = await findMutant(mutant, options);
    if (found === undefined) counts.failed += 1;
    else counts.passed += 1;
    const how =
      found === undefined
        ? `NOT FOUND in ${options.seeds} seeds`
        : `seed ${found.seed}: ${found.kind}: ${found.message}`;
    options.print(`${mutant.name} (${mutant.file}): ${how}\n`);
  }
  return counts;
}

async function findMutant(
  mutant: Mutant,
  { root, from, seeds, lanes }: MutationOptions,
): Promise<FailedSeed | undefined> {
  const copy = mkdtempSync(join(tmpdir(), "busbar-mutant-"));
  try {
    for (const part of ["src", "sim", "package.json"]) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    plant(mutant, copy);
    let found: FailedSeed | undefined;
    await runCampaign({
      root: copy,
      from,
      seeds,
      lanes,
      async onReport({ failures }) {
        for (const failure of failures) if (found === undefined && (await isNew(failure))) found = failure;
        return found !== undefined;
      },
    });
    return found;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The mutant's doing: without it the same seed does not fail so. */
async function isNew({ seed, kind }: FailedSeed): Promise<boolean> {
  return (await simulate(makePlan(seed))).failure?.kind !== kind;
}

function plant({ name, file, find, replace }: Mutant, root: string): void {
  const path = join(root, file);
  const text = readFileSync(path, "utf8");
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`mutant ${name}: its text stands ${places} times in ${file}, not once`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
