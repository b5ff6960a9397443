import type { ObjectContext } from "@restatedev/restate-sdk";
import { definitionKey, pageKey } from "../../../adapters/restate/names.ts";
import type { DriveInput, StoredHead } from "../../../adapters/restate/wire.ts";
import type { RunEvent } from "../../../engine/events.ts";
import { createRunState, type RunState } from "../../../engine/state.ts";
import { BusbarError } from "../../../kernel/errors.ts";
import { hashesOf } from "../../../ports/definition-hashes.ts";
import type { Definition } from "../../../workflow/model/definition.ts";
import type { Workflow } from "../../../workflow/workflow.ts";
import { bindFor, foldStored } from "../../shared/load.ts";
import { readState } from "./read-state.ts";
import type { WorkerTools } from "./tools.ts";

/** What a drive begins on. */
export interface Loaded {
  readonly state: RunState;
  /** The one that the run has from now on. */
  readonly definition: Pick<Definition, "hash" | "file">;
  /** Bound; where a changed one takes the place of the run's own. */
  readonly workflow?: Workflow;
}

/** The run as its object tells it, or a new one. */
export async function loadDriven(
  { readDefinition }: Pick<WorkerTools, "readDefinition">,
  ctx: ObjectContext,
  before: StoredHead | null,
  { how, definition }: DriveInput,
): Promise<Loaded> {
  const runId = ctx.key;
  if (before === null) {
    if (how.kind !== "created" || definition === undefined)
      throw new BusbarError("INTERNAL", `there is no run ${runId}`);
    const bound = bindFor(await readDefinition(definition), how.params, runId, how.at);
    return { state: createRunState(runId, bound), definition };
  }
  const keys = Array.from({ length: before.pages }, (_, page) => pageKey(page));
  const pages = await readState<readonly RunEvent[]>(ctx, keys);
  const events = [...pages.flatMap((page) => page ?? []), ...before.tail];
  const definitions = new Map<string, Definition>();
  for (const hash of new Set(hashesOf(events))) {
    const stored = await ctx.get<Definition>(definitionKey(hash));
    if (stored !== null) definitions.set(hash, stored);
  }
  const { state } = await foldStored({ runId, events, definitions }, readDefinition);
  const { definitionHash: hash, file } = before;
  if (definition === undefined) return { state, definition: { hash, ...(file === undefined ? {} : { file }) } };
  const workflow = bindFor(await readDefinition(definition), state.params, runId, state.createdAt);
  return { state, definition, workflow };
}
