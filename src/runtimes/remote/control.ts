import { randomUUID } from "node:crypto";
import type { PreflightOptions } from "../../ports/executor.ts";
import type {
  NewRunOptions,
  RequestResult,
  RerunOptions,
  RerunRun,
  ResumedRun,
  ResumeOptions,
  RunControl,
  StartedRun,
} from "../../ports/runtime.ts";
import type { StoredName, StoredWorkflows } from "./stored-workflows.ts";
import { ask, type RemoteTools, runPath } from "./tools.ts";

/** The acting side of a server. What may be asked twice is asked again where the answer was lost. */
export function createRemoteControl(tools: RemoteTools): RunControl & Omit<StoredWorkflows, "readStored"> {
  const post = <T>(path: string, body: unknown, headers = {}) =>
    ask<T>(tools, { method: "POST", path, body, headers, isPatient: true });

  async function start(what: object, options: NewRunOptions): Promise<StartedRun> {
    const body = { ...what, ...newRunOf(options) };
    const { status, value } = await post<{ readonly run_id: string }>("/runs", body, keyOf(options));
    const started: StartedRun = { runId: value.run_id };
    return status === 200 ? { ...started, again: true } : started;
  }

  async function rerun(runId: string, what: object, options: Omit<RerunOptions, "definition">): Promise<RerunRun> {
    const { from, params, ...rest } = options;
    const { status, value } = await post<{ readonly run_id: string; readonly kept: readonly string[] }>(
      `${runPath(tools, runId)}/rerun`,
      { from, params, ...what, ...newRunOf(rest) },
      keyOf(rest),
    );
    const made: RerunRun = { runId: value.run_id, kept: value.kept };
    return status === 200 ? { ...made, again: true } : made;
  }

  async function resume(runId: string, what: object, options: Omit<ResumeOptions, "definition">): Promise<ResumedRun> {
    const { by, recovery, preflight } = options;
    // Not asked twice: the second time the run would be one that goes on already.
    const { value } = await tools.connection.call<Omit<ResumedRun, "runId"> & { readonly run_id: string }>({
      method: "POST",
      path: `${runPath(tools, runId)}/resume`,
      body: { by, ...what, recovery, preflight: preflightOf(preflight) },
      isPatient: true,
    });
    const { run_id, from, reset, before } = value;
    return { runId: run_id, from, reset, before };
  }

  return {
    start: ({ definition, params, ...options }) => start({ definition, params }, options),
    startStored: ({ name, definitionHash, params, ...options }) =>
      start({ workflow: name, definition_hash: definitionHash, params }, options),
    rerun: (runId, { definition, ...options } = {}) => rerun(runId, { definition }, options),
    rerunStored: (runId, stored, options) => rerun(runId, storedOf(stored), options),
    resume: (runId, { definition, ...options }) => resume(runId, { definition }, options),
    resumeStored: (runId, stored, options) => resume(runId, storedOf(stored), options),
    async request({ runId, kind, signal, ...asked }) {
      const path = `${runPath(tools, runId)}/${kind}`;
      for (;;) {
        const { value } = await ask<RequestResult>(tools, {
          method: "POST",
          path,
          body: asked,
          signal,
          isPatient: true,
        });
        // The server waits for so long only; with its key the request is the same one.
        if (value.kind !== "recorded" || asked.until === "recorded") return value;
      }
    },
  };
}

function storedOf({ name, definitionHash }: StoredName) {
  return { workflow: name, definition_hash: definitionHash };
}

/** Without a key of its own a start has one all the same, so that an answer that was lost makes no second run. */
function keyOf({ idempotency }: Pick<NewRunOptions, "idempotency">): { readonly [header: string]: string } {
  if (idempotency === undefined) return { "idempotency-key": randomUUID() };
  return { "idempotency-key": idempotency.key, "idempotency-hash": idempotency.hash };
}

function newRunOf({ runId, priority, preflight }: Omit<NewRunOptions, "idempotency" | "audit">) {
  return { run_id: runId, priority, preflight: preflightOf(preflight) };
}

/** As JSON: what is waited for is told to nobody meanwhile. */
function preflightOf(preflight: PreflightOptions | undefined) {
  if (preflight === undefined) return false;
  const { timeoutMs, waitMs, tellUnchecked } = preflight;
  return { timeout_ms: Math.round(timeoutMs), wait_ms: Math.round(waitMs), tell_unchecked: tellUnchecked };
}
