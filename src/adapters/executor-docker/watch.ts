import type { Outcome } from "../../ports/executor.ts";
import { type AttachMode, type Attachment, attach } from "./attach.ts";
import type { ClientEnd } from "./client.ts";
import { type ContainerState, type InspectResult, inspectContainer } from "./containers.ts";
import { lostConnection } from "./engine.ts";
import { type Job, note } from "./job.ts";
import { outcomeOfExit, outcomeOfGoneEngine, outcomeOfNoStart, outcomeOfVanished } from "./outcome.ts";
import { pause } from "./pause.ts";
import { clientWords, describeEnd } from "./words.ts";

export interface Watch {
  /** Comes once the container has ended, even if clients or the engine were restarted meanwhile. */
  readonly outcome: Promise<Outcome>;
  /** Resolves when no more output comes of a container that has been stopped. */
  quiet(): Promise<unknown>;
  /** Lets go of the container and leaves it as it is; the outcome never comes. */
  detach(): void;
}

/** How long an engine that stopped answering may take to come back, as in a restart, before it counts as gone. */
export const ENGINE_BACK_WITHIN_MS = 10_000;
const PAUSE_MS = 250;
/** Starts of a container that clients died before. */
const MAX_STARTS = 3;

/**
 * Starts a container (or joins one that was started) and finds out how it ended. That is what the engine says of the
 * container, never how the client ended: a client can be killed, lose its engine, or fail by itself.
 */
export function watchContainer(job: Job, id: string, first: AttachMode): Watch {
  let attachment: Attachment | undefined;
  let detached = false;
  const never: Promise<never> = new Promise(() => undefined);

  async function follow(): Promise<Outcome> {
    let mode: AttachMode = first;
    let starts = 0;
    let interruption = "";
    for (;;) {
      starts += mode === "start" ? 1 : 0;
      attachment = attach(job, id, mode);
      const end = await attachment.ended;
      const stderr = attachment.stderr.text();
      if (detached) return never;
      const { inspected, waited } = await inspectPatiently(job, id, () => detached);
      if (detached) return never;
      if (waited !== "") interruption = waited;
      if (inspected.found === "no engine") return outcomeOfGoneEngine(job, "stopped answering", waited);
      if (inspected.found === "nothing") return outcomeOfVanished(job);
      const { state, keepsOutput } = inspected.container;
      if (state.is === "exited") return outcomeOfEnded(job, state, stderr, interruption);
      if (state.is === "created") {
        if (mode !== "start" || starts >= MAX_STARTS || !isWorthAnotherStart(state, end, stderr)) {
          return outcomeOfUnstarted(job, state, end, stderr);
        }
      } else {
        mode = keepsOutput && !(mode === "logs" && isRefused(end, stderr)) ? "logs" : "wait";
        // All of it comes again.
        if (mode === "logs") job.log.restart();
        note(job, `lost sight of container ${id.slice(0, 12)} while it runs; follows it again`);
      }
      await pause(job.tools, PAUSE_MS);
      if (detached) return never;
    }
  }

  const outcome = follow();
  return {
    outcome,
    quiet: async () => attachment?.ended,
    detach() {
      detached = true;
      attachment?.detach();
    },
  };
}

/** Whether it was the engine that did not want to, and not a client or connection that broke. */
function isRefused(end: ClientEnd, stderr: string): boolean {
  return end.ended === "exited" && end.code !== 0 && !lostConnection(stderr);
}

/** Whether it was the client that failed, and not the engine that could not start the container. */
function isWorthAnotherStart(state: ContainerState, end: ClientEnd, stderr: string): boolean {
  return state.error === "" && (end.ended === "killed" || lostConnection(stderr));
}

function outcomeOfUnstarted(job: Job, state: ContainerState, end: ClientEnd, stderr: string): Outcome {
  const reason = state.error === "" ? describeEnd(end, stderr, job.secrets) : clientWords(state.error, job.secrets);
  return outcomeOfNoStart(job, reason, state.exitCode);
}

/** An engine that restarts ends its containers by signals; how they would have ended by themselves is not known then. */
function outcomeOfEnded(job: Job, state: ContainerState, stderr: string, interruption: string): Outcome {
  if (interruption === "" || state.exitCode === 0) return outcomeOfExit(job, state, stderr);
  const when = `was away while the container of ${job.attempt.nodeId} ran, which ended with exit code ${state.exitCode}`;
  return outcomeOfGoneEngine(job, when, interruption);
}

/** @returns in `waited` why the engine had to be waited for; empty where it answered at once */
async function inspectPatiently(
  job: Job,
  id: string,
  isGivenUp: () => boolean,
): Promise<{ readonly inspected: InspectResult; readonly waited: string }> {
  const { tools, request, secrets } = job;
  const until = tools.clock.monotonic() + ENGINE_BACK_WITHIN_MS;
  let waited = "";
  for (;;) {
    const inspected = await inspectContainer(tools, request.program, id);
    if (inspected.found !== "no engine") return { inspected, waited };
    waited = describeEnd(inspected.answer.end, inspected.answer.stderr, secrets);
    if (isGivenUp() || tools.clock.monotonic() >= until) return { inspected, waited };
    await pause(tools, PAUSE_MS);
  }
}
