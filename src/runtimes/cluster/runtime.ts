import type { Admin } from "../../adapters/restate/admin.ts";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { createClusterRequester } from "../../adapters/restate/requester.ts";
import type { DriveInput } from "../../adapters/restate/wire.ts";
import { standingAnswers } from "../../engine/answer-request.ts";
import type { RunResumed } from "../../engine/events.ts";
import type { RequestAnswer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { NewAuditEntry } from "../../ports/access.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { Idempotency, RunOrigin } from "../../ports/run-facts.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { Runtime } from "../../ports/runtime.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import type { Begin } from "../shared/begin.ts";
import { loadRun, type ReadDefinition } from "../shared/load.ts";
import { NO_LOCAL_RUNS } from "../shared/local-runs.ts";
import type { Looks, Pace } from "../shared/looks.ts";
import { createNewRuns } from "../shared/new-runs.ts";
import { createRunRequester } from "../shared/requester.ts";
import { createResuming } from "../shared/resuming.ts";
import { createKeyClaims } from "./claim-key.ts";
import { createClusterFeed } from "./feed.ts";
import { refuseForCluster } from "./refuse.ts";
import type { RunThatEnters, RunTurns } from "./run-turns.ts";
import { createSubmit, type DriveToSubmit, isUnanswered } from "./submit.ts";
import { tellWhereLogsAre } from "./tell-where-logs-are.ts";

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
  /** Left out, whoever asks for them is told where they are. */
  readonly logs?: Pick<RunLogs, "read">;
  /** Of a server that lets so many runs go on at once. Left out: all go on, and `concurrency` of their files means nothing. */
  readonly turns?: Pick<RunTurns, "enter" | "waitOf">;
  /** Stores who makes a run, before it is submitted. */
  readonly noteStart?: (entry: NewAuditEntry) => Promise<void>;
}

/** Runs that the workers of a cluster drive. */
export interface ClusterRuntime extends Runtime {
  /** Ends what is being watched. Runs go on. */
  close(): void;
}

/** Each look is a call of Restate: often while something comes, less often while nothing does. */
const LOOKS: Looks = {
  events: { firstMs: 20, longestMs: 250 },
  answers: { firstMs: 10, longestMs: 250 },
};

const FEED_PACE: Pace = { firstMs: 250, longestMs: 1_000 };

/** Starts and asks runs of a cluster: what one machine does with its journal, workers do on Restate. */
export function createClusterRuntime(options: ClusterRuntimeOptions): ClusterRuntime {
  const { ingress, admin, clock, random, turns } = options;
  const journal = createClusterRequester(ingress, admin, clock);
  const submit = createSubmit({ ingress, clock, random });
  const keys = createKeyClaims(ingress, clock);

  const begin: Begin = {
    async create({ row, how, workflow, preflight }) {
      refuseForCluster(workflow);
      const { runId, audit, ...facts } = row;
      const { idempotency, priority = 0 } = row;
      await inTurn({ runId, workflow, priority, hasStarted: false, epoch: 1 }, async (turn) => {
        // No commit could hold both: an entry without a run is better than a run that nobody answers for.
        if (audit !== undefined) await options.noteStart?.(audit);
        await submitOnce(runId, { ...facts, ...turn, epoch: 1, how, ...limitsOf(preflight) }, idempotency);
      });
    },
    async resume({ record, state, how: { workflow, ...how }, definition, preflight }) {
      if (workflow !== undefined) refuseForCluster(workflow);
      const { runId, epoch, lastSeq, n, priority = 0 } = record;
      const changed = definition === undefined ? {} : { definition };
      const hasStarted = state.startedAt !== undefined;
      const entering = { runId, workflow: workflow ?? state.workflow, priority, hasStarted, n, epoch: epoch + 1 };
      await inTurn(entering, async (turn) => {
        await submit(runId, { epoch: epoch + 1, how, ...changed, ...turn, ...limitsOf(preflight) });
      });
      const events = await journal.readEvents(runId, lastSeq, 1);
      return events.find((event): event is RunResumed & typeof event => event.type === "run.resumed");
    },
  };

  async function submitOnce(runId: string, drive: DriveToSubmit, idempotency: Idempotency | undefined): Promise<void> {
    if (idempotency === undefined) return void (await submit(runId, drive));
    for (;;) {
      const token = await keys.claim(idempotency, runId);
      try {
        if ((await submit(runId, drive, token)) === "begun") return;
      } catch (thrown) {
        // Where nobody answers, nobody would answer this either: the claim lapses by itself. Whatever becomes of it,
        // why the start was refused is what is to be heard.
        if (!isUnanswered(thrown)) await keys.withdraw(idempotency.key, token).catch(() => undefined);
        throw thrown;
      }
    }
  }

  /** A run that may have to wait for others. */
  async function inTurn(run: RunThatEnters, submitRun: (turn: Pick<DriveToSubmit, "queues">) => Promise<void>) {
    if (turns === undefined) return submitRun({});
    const { queues, settle } = await turns.enter(run);
    let isSubmitted = false;
    try {
      await submitRun({ queues });
      isSubmitted = true;
    } finally {
      settle(isSubmitted);
    }
  }

  /** Answers a request to a run that nobody drives, and with it all others that wait. */
  async function takeOver(request: RequestRecord): Promise<RequestAnswer | undefined> {
    const { record, state, requests: known } = await loadRun(journal, options.readDefinition, request.runId);
    const unanswered = known.filter(({ answer }) => answer === undefined);
    // Somebody was quicker.
    if (record.owner.alive || isTerminalRun(state.status) || !unanswered.some(({ id }) => id === request.id)) {
      return undefined;
    }
    // Whoever takes the run up next answers them again.
    const standing = standingAnswers(state, unanswered);
    if (standing !== undefined) return standing.find(({ requestId }) => requestId === request.id)?.answer;
    const how = { kind: "taken_over", requests: unanswered, lastRequestId: known.at(-1)?.id ?? 0 } as const;
    await submit(record.runId, { epoch: record.epoch + 1, how });
    return undefined;
  }

  const refuseClosed = (): void => undefined;
  const requester = createRunRequester({
    ...{ ...options, journal, looks: LOOKS, takeOver },
    ...(turns === undefined ? {} : { turnOf: turns.waitOf }),
  });
  const tools = { ...options, journal, local: NO_LOCAL_RUNS, refuseClosed, begin };
  const logs = options.logs === undefined ? { logs: tellWhereLogsAre(requester) } : {};
  const { feed, close: closeFeed } = createClusterFeed({ ingress, admin, clock, pace: FEED_PACE });
  return {
    ...requester,
    ...logs,
    feed,
    ...createNewRuns(tools),
    resume: createResuming(tools),
    close() {
      closeFeed();
      requester.close();
    },
  };
}

function limitsOf(
  preflight: { readonly timeoutMs: number; readonly waitMs: number } | undefined,
): Pick<DriveInput, "preflight"> {
  if (preflight === undefined) return {};
  return { preflight: { timeoutMs: preflight.timeoutMs, waitMs: preflight.waitMs } };
}
