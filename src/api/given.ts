import type { z } from "@hono/zod-openapi";
import { BusbarError } from "../kernel/errors.ts";
import type { DefinitionText } from "../ports/runtime.ts";
import type { WorkflowLibrary } from "../ports/workflow-library.ts";
import { mayAct } from "./access/caller.ts";
import type { ApiContext } from "./router.ts";
import type { DefinitionSchema, PreflightSchema } from "./schemas/start.ts";

/** How long preflight may take where the request does not say. */
const PREFLIGHT_TIMEOUT_MS = 5_000;

/** Whoever shows no token of their own is who they say they are, for people to read. */
export function whoAsks(c: ApiContext, by: string | undefined): string {
  const { isMachine = false, name } = c.get("caller");
  if (by === undefined) return name;
  return isMachine ? by : `${by} (${name})`;
}

/** A workflow as the ports of runs take it. */
function toText({ format, text, file }: z.infer<typeof DefinitionSchema> | DefinitionText): DefinitionText {
  return { format, text, ...(file === undefined ? {} : { file }) };
}

/** Which workflow a request means, where it says one. */
interface GivenWorkflow {
  /** The name of one that the server has. */
  readonly workflow?: string | undefined;
  /** A version of that; left out: the file as it stands. */
  readonly definition_hash?: string | undefined;
  readonly definition?: z.infer<typeof DefinitionSchema> | undefined;
}

/**
 * The workflow that a request names or brings.
 * @returns undefined where it says none
 * @throws BusbarError USAGE where it says two; FORBIDDEN; as `WorkflowLibrary.read`
 */
export async function givenDefinition(
  c: ApiContext,
  workflows: Pick<WorkflowLibrary, "read">,
  { workflow, definition_hash, definition }: GivenWorkflow,
): Promise<DefinitionText | undefined> {
  if (workflow !== undefined && definition !== undefined) {
    throw new BusbarError("USAGE", "say which workflow, by its name or its definition, and not both");
  }
  if (workflow === undefined && definition_hash !== undefined) {
    throw new BusbarError("USAGE", "definition_hash is of a version of a workflow: say of which");
  }
  requireAdminFor(c, definition);
  if (definition !== undefined) return toText(definition);
  if (workflow === undefined) return undefined;
  c.get("trail").about({ workflow });
  return toText((await workflows.read(workflow, definition_hash)).definition);
}

/** Whoever may give a definition may have anything done that the host's policy allows. */
function requireAdminFor(c: ApiContext, definition: unknown): void {
  if (definition === undefined || mayAct(c.get("caller"), "admin")) return;
  throw new BusbarError(
    "FORBIDDEN",
    "a definition in the request needs the role admin; take a workflow of the server by its name",
  );
}

/** How services are checked first, where the request does not forbid it. */
export function preflightOf(given: z.infer<typeof PreflightSchema> | undefined) {
  if (given === false) return {};
  const { timeout_ms = PREFLIGHT_TIMEOUT_MS, wait_ms = 0, tell_unchecked } = given ?? {};
  return {
    preflight: {
      timeoutMs: timeout_ms,
      waitMs: wait_ms,
      ...(tell_unchecked === undefined ? {} : { tellUnchecked: tell_unchecked }),
    },
  };
}
