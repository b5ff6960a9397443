import { randomUUID } from "node:crypto";
import type { Admin } from "../../adapters/restate/admin.ts";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../adapters/restate/names.ts";
import { createClusterRequester, keyTarget } from "../../adapters/restate/requester.ts";
import type { DriveInput, StoredHead } from "../../adapters/restate/wire.ts";
import type { RunResumed } from "../../engine/events.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { refuseExisting, refuseUsedKey } from "../../ports/journal-rules.ts";
import type { KeyedRun, RunOrigin } from "../../ports/run-facts.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { Runtime } from "../../ports/runtime.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import type { Workflow } from "../../workflow/workflow.ts";
import type { Begin } from "../shared/begin.ts";
import type { ReadDefinition } from "../shared/load.ts";
import { NO_LOCAL_RUNS } from "../shared/local-runs.ts";
import type { Looks } from "../shared/looks.ts";
import { createNewRuns } from "../shared/new-runs.ts";
import { createRunRequester } from "../shared/requester.ts";
import { createResuming } from "../shared/resuming.ts";

export interface ClusterRuntimeOptions {
  readonly ingress: Ingress;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly busbarVersion: string;
  readonly readDefinition: ReadDefinition;
  readonly policy?: HostPolicy;
  readonly origin?: RunOrigin;
  readonly logs?: Pick<RunLogs, "read">;
}

/** Runs that the workers of a cluster drive. */
export interface ClusterRuntime extends Runtime {
  /** Ends what is being watched. Runs go on. */
  close(): void;
}

/** Each look is a call of Restate: often while something comes, less often while nothing does. */
const LOOKS: Looks = {
  events: { firstMs: 20, longestMs: 250 },
  feed: { firstMs: 250, longestMs: 1_000 },
  answers: { firstMs: 10, longestMs: 250 },
};

/** Between two looks whether a drive that was submitted has begun. */
const BEGUN_LOOK_MS = 5;
const LONGEST_BEGUN_LOOK_MS = 200;

/** Starts and asks runs of a cluster: what one machine does with its journal, workers do on Restate. */
export function createClusterRuntime(options: ClusterRuntimeOptions): ClusterRuntime {
  const { ingress, admin, clock, random } = options;
  const journal = createClusterRequester(ingress, admin, clock);

  const begin: Begin = {
    async create({ row, how, workflow, preflight }) {
      refuseLimits(workflow);
      const { runId, definition, audit: _, idempotency, ...facts } = row;
      if (idempotency !== undefined) await claim({ run_id: runId, hash: idempotency.hash }, idempotency.key);
      const submitted = submissionOf({ epoch: 1, how, definition, ...facts, ...limitsOf(preflight) });
      await submit(runId, { ...submitted, ...(idempotency === undefined ? {} : { idempotency }) });
    },
    async resume({ record, how: { workflow, ...how }, definition, preflight }) {
      if (workflow !== undefined) refuseLimits(workflow);
      const { runId, epoch, lastSeq } = record;
      await submit(
        runId,
        submissionOf({
          epoch: epoch + 1,
          how,
          ...(definition === undefined ? {} : { definition }),
          ...limitsOf(preflight),
        }),
      );
      const events = await journal.readEvents(runId, lastSeq, 1);
      return events.find((event): event is RunResumed & typeof event => event.type === "run.resumed");
    },
  };

  function submissionOf(input: Omit<DriveInput, "token" | "atMs" | "seed">): DriveInput {
    return { ...input, token: randomUUID(), atMs: clock.now(), seed: Math.floor(random.next() * 2 ** 32) };
  }

  /** Resolves when the first events of the drive are recorded. */
  async function submit(runId: string, input: DriveInput): Promise<void> {
    const { invocation, again } = await ingress.submit(
      { service: RUN_OBJECT, key: runId, handler: "drive" },
      input,
      `${runId}/${input.epoch}`,
    );
    for (let waitMs = BEGUN_LOOK_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_BEGUN_LOOK_MS)) {
      const head = await ingress.call<StoredHead | null>({ service: RUN_OBJECT, key: runId, handler: "head" });
      if (head?.token === input.token) return;
      if (again || (head !== null && head.epoch >= input.epoch)) refuseBegun(runId, input);
      if (!(await ingress.isUnderWay(invocation))) refuseBegun(runId, input);
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }

  async function claim(run: KeyedRun, key: string): Promise<void> {
    const has = await ingress.call<KeyedRun>(keyTarget(key, "claim"), run);
    if (has.run_id !== run.run_id) refuseUsedKey(has);
  }

  const refuseClosed = (): void => undefined;
  const requester = createRunRequester({
    ...options,
    journal,
    looks: LOOKS,
    async takeOver(request) {
      const run = await journal.readRun(request.runId);
      if (run === undefined) return undefined;
      const requests = await journal.readRequests(request.runId);
      const how = {
        kind: "taken_over",
        requests: requests.filter(({ answer }) => answer === undefined),
        lastRequestId: requests.at(-1)?.id ?? 0,
      } as const;
      await submit(request.runId, submissionOf({ epoch: run.epoch + 1, how }));
      return undefined;
    },
  });
  const tools = { ...options, journal, local: NO_LOCAL_RUNS, refuseClosed, begin };
  return { ...requester, ...createNewRuns(tools), resume: createResuming(tools) };
}

function limitsOf(
  preflight: { readonly timeoutMs: number; readonly waitMs: number } | undefined,
): Pick<DriveInput, "preflight"> {
  if (preflight === undefined) return {};
  return { preflight: { timeoutMs: preflight.timeoutMs, waitMs: preflight.waitMs } };
}

/** Somebody else was quicker. */
function refuseBegun(runId: string, { how }: DriveInput): never {
  if (how.kind === "created") return refuseExisting(runId);
  throw new BusbarError("RUN_OWNED", `run ${runId} is being driven by the cluster`, { details: { run_id: runId } });
}

/**
 * Restate's own limits across workers are experimental, and cannot be taken back once they are there.
 * @throws BusbarError CLUSTER_NO_LIMITS
 */
function refuseLimits({ services }: Workflow): void {
  const limited = [...services.values()].find(({ maxConcurrency }) => maxConcurrency !== undefined);
  if (limited === undefined) return;
  throw new BusbarError(
    "CLUSTER_NO_LIMITS",
    `${limited.name} has a max_concurrency, which the cluster cannot keep to: leave it out there`,
  );
}
