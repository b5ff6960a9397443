import { readFileSync } from "node:fs";
import { describeFailure } from "../kernel/describe-failure.ts";
import type { Diagnostic, LocatedDiagnostic } from "../kernel/diagnostics.ts";
import { BusbarError } from "../kernel/errors.ts";
import { err, type Result } from "../kernel/result.ts";
import { escapeUnseen } from "../kernel/text.ts";
import type { HostPolicy } from "../workflow/policy/policy.ts";
import { parsePolicy } from "../workflow/policy/read-policy.ts";
import { locateDiagnostics } from "../workflow/text/locate.ts";
import { readJson } from "../workflow/text/read-json.ts";
import { withoutBom } from "../workflow/text/source.ts";

/**
 * Reads a host's policy from a file, which is JSON whatever its name.
 * @returns what is wrong with it, with line and column
 * @throws BusbarError POLICY_INVALID where the file cannot be read
 */
export async function readPolicyFile(path: string): Promise<Result<HostPolicy, readonly LocatedDiagnostic[]>> {
  const text = withoutBom(readText(path));
  const tree = await readJson(text);
  const unreadable: readonly Diagnostic[] = tree.diagnostics.map((one) => ({ ...one, code: "POLICY_INVALID" }));
  const parsed = unreadable.length > 0 ? err(unreadable) : parsePolicy(tree.value, path);
  if (parsed.ok) return parsed;
  return err(await locateDiagnostics(parsed.error, { fileName: path, format: "json", text }));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const message = `the policy ${escapeUnseen(path)} cannot be read: ${describeFailure(cause)}`;
    throw new BusbarError("POLICY_INVALID", message, { cause });
  }
}
