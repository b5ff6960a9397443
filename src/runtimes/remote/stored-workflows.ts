import type {
  NewRunOptions,
  RerunOptions,
  RerunRun,
  ResumedRun,
  ResumeOptions,
  StartedRun,
} from "../../ports/runtime.ts";
import type { WorkflowView } from "../../ports/workflow-library.ts";
import type { ParamDeclaration, ParamValues } from "../../workflow/model/param.ts";
import { ask, type RemoteTools } from "./tools.ts";

/** A workflow that the server has, by its name. */
export interface StoredName {
  readonly name: string;
  /** The version that is meant; left out: the file as it stands. */
  readonly definitionHash?: string;
}

/** A run to start of a workflow that the server has. */
export interface StartStoredInput extends NewRunOptions, StoredName {
  readonly params?: ParamValues;
}

/** A workflow that the server has, as its file stands. */
export interface StoredWorkflow {
  /** Left out where the file as it stands cannot be run. */
  readonly definitionHash?: string;
  readonly params: ReadonlyMap<string, ParamDeclaration>;
  /** In file order. */
  readonly nodes: readonly { readonly id: string }[];
}

/** The workflows of a server, which also they may start by name who may not bring their own. */
export interface StoredWorkflows {
  /** @throws BusbarError WORKFLOW_UNKNOWN */
  readStored(name: string): Promise<StoredWorkflow>;
  startStored(input: StartStoredInput): Promise<StartedRun>;
  /** As `resume` with a changed definition, which is that workflow's. */
  resumeStored(runId: string, stored: StoredName, options: Omit<ResumeOptions, "definition">): Promise<ResumedRun>;
  /** As `rerun` with a changed definition, which is that workflow's. */
  rerunStored(runId: string, stored: StoredName, options: Omit<RerunOptions, "definition">): Promise<RerunRun>;
}

/** The looking side. */
export function createStoredReads(tools: RemoteTools): Pick<StoredWorkflows, "readStored"> {
  return {
    async readStored(name) {
      const path = `/workflows/${encodeURIComponent(name)}`;
      const { value } = await ask<WorkflowView>(tools, { method: "GET", path });
      const { valid, definition_hash: definitionHash, graph, params } = value;
      const properties = Object.entries(params.properties ?? {});
      return {
        ...(valid && definitionHash !== undefined ? { definitionHash } : {}),
        params: new Map(properties.map(([param, declared]) => [param, { name: param, ...declared }])),
        nodes: graph.nodes.map(({ id }) => ({ id })),
      };
    },
  };
}
