import { join } from "node:path";
import { openWorkflowLibrary } from "../../adapters/workflow-library/library.ts";
import type { WorkflowLibrary } from "../../ports/workflow-library.ts";
import type { Shared } from "../shared.ts";
import { createWorkflowParser } from "./workflow-parser.ts";

/** Where the workflows of a server are. */
export interface ServerLibraryOptions {
  readonly stateDir: string;
  /** The directory of the files. Default: `workflows` in the state directory. */
  readonly workflows?: string;
  /** Told of what the library survives. */
  readonly onTrouble: (trouble: unknown) => void;
}

/** The workflows of a server; their versions are kept in its state directory. */
export function openServerLibrary(
  { stateDir, workflows = join(stateDir, "workflows"), onTrouble }: ServerLibraryOptions,
  shared: Pick<Shared, "clock" | "definitions" | "policy">,
): WorkflowLibrary {
  return openWorkflowLibrary({
    folder: workflows,
    versionsFolder: join(stateDir, "workflow-versions"),
    parser: createWorkflowParser(shared),
    clock: shared.clock,
    onTrouble,
  });
}
