import { join, resolve } from "node:path";
import type { OwnerOptions } from "../app/busbar.ts";
import { createShared, type Shared } from "../app/shared.ts";
import { toErrorInfo } from "../kernel/errors.ts";
import type { HostPolicy } from "../workflow/policy/policy.ts";
import type { Invocation } from "./command.ts";
import { nodeName } from "./node-name.ts";
import { resolveStateDir } from "./state-dir.ts";

/** Where a command finds runs, and what it opens them with. */
export interface State {
  readonly stateDir: string;
  readonly allowRemoteState: boolean;
  readonly shared: Shared;
}

/** @param policy of the host; without one, what this user may do */
export function stateOf({ values, io, secrets }: Invocation, policy?: HostPolicy): State {
  return {
    stateDir: resolveStateDir({ flag: values.text("state-dir"), env: io.env }),
    allowRemoteState: values.flag("allow-remote-state"),
    shared: createShared(secrets, policy),
  };
}

/**
 * The options with which a command opens the state directory as an owner. A command drives one run and ends when the
 * journal takes nothing more (`onStall`).
 */
export function ownerOptionsOf({ io }: Invocation, { stateDir, allowRemoteState }: State): OwnerOptions {
  const logDir = io.env("LOG_DIR");
  return {
    stateDir,
    allowRemoteState,
    origin: "cli",
    onStall: "reject",
    logDir: logDir === undefined || logDir === "" ? join(stateDir, "logs") : resolve(logDir),
    nodeName: nodeName(io),
    onTrouble: (trouble) => io.err.write(`${describeTrouble(trouble)}\n`),
  };
}

/** A failure that the command survives, in one line. */
export function describeTrouble(trouble: unknown): string {
  return toErrorInfo(trouble).message;
}
