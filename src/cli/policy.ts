import type { HostPolicy } from "../workflow/policy/policy.ts";
import type { Invocation } from "./command.ts";
import { exitCodeOfProblems } from "./exit-codes.ts";
import { renderDiagnostics } from "./render/diagnostics.ts";

/** A policy that could not be read: its problems are printed. */
export interface NoPolicy {
  readonly exitCode: number;
}

/**
 * The policy that --policy names; undefined without the option. Its problems are printed.
 * @throws BusbarError POLICY_INVALID where there is no such file
 */
export async function readPolicyOption({ values, io }: Invocation): Promise<HostPolicy | NoPolicy | undefined> {
  const path = values.text("policy");
  if (path === undefined) return undefined;
  const { readPolicyFile } = await import("../app/policy-file.ts");
  const read = await readPolicyFile(path);
  if (read.ok) return read.value;
  io.err.write(renderDiagnostics(read.error, io.err.style));
  return { exitCode: exitCodeOfProblems(read.error) };
}

export function isNoPolicy(policy: HostPolicy | NoPolicy | undefined): policy is NoPolicy {
  return policy !== undefined && "exitCode" in policy;
}
