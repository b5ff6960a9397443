import type { DefinitionText, Runtime } from "../ports/runtime.ts";

/** What the API serves: runs through their port, and what a server has around them. */
export interface Backend {
  readonly runs: Runtime;
  /** Deletes a run that has ended, with its logs; false where it has not ended, or ended a moment ago. */
  readonly deleteRun: (runId: string) => Promise<boolean>;
  /** The text of a workflow that this server has; undefined for a name that it does not know. */
  readonly findWorkflow: (name: string) => Promise<DefinitionText | undefined>;
  readonly version: string;
  /** Whether interrupted runs have been looked for, so that requests find what they should. */
  readonly isReady: () => boolean;
}
