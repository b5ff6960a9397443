import type { Secrets } from "../../kernel/secrets.ts";
import type { DefinitionText } from "../../ports/runtime.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { type Owner, type OwnerOptions, openOwner } from "../busbar.ts";
import { createShared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";

/** Where a server keeps its runs, and what it allows. */
export interface ServerOptions
  extends Pick<OwnerOptions, "stateDir" | "allowRemoteState" | "logDir" | "nodeName" | "onTrouble"> {
  readonly secrets: Secrets;
  /** Left out: nothing but services at ordinary addresses. */
  readonly policy?: HostPolicy;
}

/** A state directory that is open for a server. */
export interface ServerHost {
  readonly runs: Owner;
  readonly version: string;
  readonly deleteRun: (runId: string) => Promise<boolean>;
  readonly findWorkflow: (name: string) => Promise<DefinitionText | undefined>;
  readonly isReady: () => boolean;
  close(): Promise<void>;
}

/**
 * Opens a state directory as its server.
 * @throws BusbarError JOURNAL_…
 */
export async function openServer({ secrets, policy, ...options }: ServerOptions): Promise<ServerHost> {
  const shared = createShared(secrets, policy ?? readPolicy({}, "the server's default policy"));
  const runs = await openOwner({ ...options, origin: "server" }, shared);
  return {
    runs,
    version: BUSBAR_VERSION,
    deleteRun: runs.deleteRun,
    findWorkflow: async () => undefined,
    isReady: () => true,
    close: () => runs.close(),
  };
}
