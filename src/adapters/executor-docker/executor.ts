import {
  type FieldChecks,
  optional,
  requireBoolean,
  requireClock,
  requireFields,
  requireFunction,
  requireObject,
  requireSecrets,
  requireWord,
} from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Json } from "../../kernel/json.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Attempt, Executor } from "../../ports/executor.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { requirePolicy } from "../../workflow/policy/require-policy.ts";
import { restrictSecrets } from "../../workflow/policy/restrict-secrets.ts";
import { createEndedContainers } from "./ended-containers.ts";
import type { EngineTools } from "./engine.ts";
import { readEnvironment } from "./environment.ts";
import { executeJob } from "./execute.ts";
import type { JournalOfContainers } from "./identity.ts";
import { type Job, openLog } from "./job.ts";
import { createLimit } from "./limit.ts";
import { preflightNodes } from "./preflight.ts";
import { recoverJob } from "./recover.ts";
import { sweepLeftovers, sweepRun } from "./sweep.ts";

/** What the docker executor needs of its surroundings. */
export interface DockerExecutorOptions {
  readonly clock: Clock;
  /** Read when a container is made or found again; what was read is masked in every text that comes back. */
  readonly secrets: Secrets;
  /**
   * Whose the containers are. What other journals have at the same engine is then never touched, also where their runs
   * have the same ids; left out, they are told by run, node and attempt alone.
   */
  readonly journal?: JournalOfContainers;
  /** Whether a run has ended, so that what it left at an engine may go; false of one that nobody here knows. */
  readonly isOver?: (runId: string) => Promise<boolean>;
  /** For the engine's client programs; default: Busbar's own. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** What the host allows, asked again when a container is made: what `readPolicy` gives. */
  readonly policy?: HostPolicy;
}

/** Where containers of a run may be, as long as none of its nodes has been seen. */
export const USUAL_PROGRAMS = ["docker", "podman"];

const JOURNAL: FieldChecks<JournalOfContainers> = {
  id: (name, value) => requireWord(name, value, "the id of a journal"),
  ownerId: (name, value) => requireWord(name, value, "the id of an owner"),
  isOlder: requireBoolean,
};

const OPTIONS: FieldChecks<DockerExecutorOptions> = {
  clock: requireClock,
  secrets: requireSecrets,
  journal: optional((name, value) => requireFields(name, value, JOURNAL, "an object {id, ownerId, isOlder}")),
  isOver: optional(requireFunction),
  env: optional(requireObject),
  policy: optional(requirePolicy),
};

/**
 * Performs attempts as containers, through the client program of an engine (docker or podman): `create`, then
 * `start --attach`. Never `run`: a client that outlives Busbar could finish that, and start a container that nobody
 * waits for.
 * @throws BusbarError USAGE
 */
export function createDockerExecutor(options: DockerExecutorOptions): Executor {
  requireFields("options", options, OPTIONS, "an object {clock, secrets}");
  const { clock, journal, isOver, env = process.env, policy } = options;
  const secrets = restrictSecrets(options.secrets, policy);
  const tools: EngineTools = { clock, secrets, env, ...(journal && { journal }), ...(policy && { policy }) };
  const ended = createEndedContainers(tools);
  const programs = new Set(USUAL_PROGRAMS);
  const lookedForLeftovers = new Set<string>();

  const toolsFor = ({ cluster }: Attempt): EngineTools => {
    if (cluster === undefined) return tools;
    return { ...tools, journal: { id: cluster.run, ownerId: cluster.call, isOlder: false } };
  };
  const jobOf = (attempt: Attempt): Job => {
    const request = requestOf(attempt.request);
    programs.add(request.program);
    return { tools: toolsFor(attempt), attempt, request, secrets, log: openLog(attempt) };
  };

  return {
    async execute(attempt, signal) {
      const job = jobOf(attempt);
      const limit = createLimit(clock, attempt.timeoutMs, signal);
      // While a container of the node is being removed, its name is still taken.
      await Promise.race([ended.waitForRemoval(attempt), limit.reached]);
      const { outcome, leftId } = await executeJob(job, limit);
      limit.release();
      job.log.end();
      if (leftId !== undefined) ended.keep(attempt, job.request.program, leftId);
      return outcome;
    },
    recover(attempt, signal) {
      const job = jobOf(attempt);
      // Another process gave the container its values; what it says of them is read by this one.
      readEnvironment(job.request, secrets, env);
      return recoverJob(job, signal, ({ leftId }) => {
        if (leftId !== undefined) ended.keep(attempt, job.request.program, leftId);
      });
    },
    release: ended.release,
    sweep: (runId, outstanding) => sweepRun(tools, programs, runId, outstanding),
    async preflight({ nodes }, preflightOptions, signal) {
      const needed = nodes.map(({ nodeId, request }) => ({ nodeId, request: requestOf(request) }));
      const findings = await preflightNodes(tools, needed, preflightOptions, signal);
      for (const { request } of needed) {
        if (isOver === undefined || lookedForLeftovers.has(request.program)) continue;
        lookedForLeftovers.add(request.program);
        ended.runInBackground(sweepLeftovers(tools, request.program, isOver));
      }
      return findings;
    },
    close: ended.waitForAll,
  };
}

/** The docker kind of node makes it. */
function requestOf(request: Json): ContainerRequest {
  return request as unknown as ContainerRequest;
}
