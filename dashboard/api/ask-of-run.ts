import { remedyOf, toErrorInfo } from "../../src/kernel/errors.ts";
import { api } from "./api.ts";
import type { ApiError, Problem } from "./client.ts";

/** What can be asked of a run's owner. */
type Request = "cancel" | "pause" | "unpause";

/**
 * Asks it of whoever drives the run, and waits for the answer.
 * @throws ApiError also where the owner refuses
 */
export async function askOfRun(runId: string, kind: Request): Promise<void> {
  const answer = await api.call("post", `/api/v1/runs/{run_id}/${kind}`, { path: { run_id: runId }, body: {} });
  if (answer.kind !== "refused") return;
  const error = toErrorInfo(answer.error);
  const problem = { code: error.code, detail: error.message, remedy: remedyOf(error, { runId }) } as Problem;
  throw Object.assign(new Error(error.message), { problem }) satisfies ApiError;
}
