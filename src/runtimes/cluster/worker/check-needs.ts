import { type CheckInput, fromWireService } from "../../../adapters/restate/wire.ts";
import type { Finding } from "../../../engine/finding.ts";
import { toErrorInfo } from "../../../kernel/errors.ts";
import { readFindings } from "../../../ports/executor-answers.ts";
import { maskFindings } from "../../shared/masking.ts";
import type { WorkerTools } from "./tools.ts";

/** Checks what nodes need, with the executors of this worker; all findings at once. Secrets are masked. */
export async function checkNeeds(
  { executors, secrets }: Pick<WorkerTools, "executors" | "secrets">,
  { needs, limits }: CheckInput,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const ofKind = async ({ executor: kind, services, nodes }: CheckInput["needs"][number]) => {
    const needed = { services: services.map(fromWireService), nodes };
    const found = await executors[kind]?.preflight?.(needed, limits, signal);
    return readFindings(found ?? [], `the ${kind} executor`);
  };
  try {
    return maskFindings((await Promise.all(needs.map(ofKind))).flat(), secrets);
  } catch (thrown) {
    const message = secrets.mask(`what the run needs could not be checked: ${toErrorInfo(thrown).message}`);
    return [{ severity: "error", code: "INTERNAL", message }];
  }
}
