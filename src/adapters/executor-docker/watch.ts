import { pause } from "../../kernel/pause.ts";
import type { Outcome } from "../../ports/executor.ts";
import { type AttachMode, type Attachment, attach } from "./attach.ts";
import type { ClientEnd } from "./client.ts";
import { type Container, type ContainerState, type InspectResult, inspectContainer } from "./containers.ts";
import { lostConnection } from "./engine.ts";
import { type Job, note } from "./job.ts";
import { compareEnds } from "./lost-end.ts";
import { outcomeOfExit, outcomeOfGoneEngine, outcomeOfNoStart, outcomeOfVanished } from "./outcome.ts";
import { createOutput, type Output } from "./output.ts";
import { clientWords, describeAnswer, describeEnd, engineName } from "./words.ts";

export interface Watch {
  /** Comes once the container has ended, even if clients or the engine were restarted meanwhile. */
  readonly outcome: Promise<Outcome>;
  /** Lets go of the container and leaves it as it is; the outcome never comes. */
  detach(): void;
}

/** How long an engine that stopped answering may take to come back, as in a restart, before it counts as gone. */
export const ENGINE_BACK_WITHIN_MS = 10_000;
const PAUSE_MS = 250;
/** Starts of a container that clients died before. */
const MAX_STARTS = 3;
/** Clients that the output of a container that has ended may take. */
const MAX_READS = 5;

/**
 * Starts a container (or joins one that was started) and finds out how it ended. That is what the engine says of the
 * container, never how the client ended: a client can be killed, lose its engine, or fail by itself. What a client has
 * lost of the output is read again; what cannot be read again is named in the log.
 */
export function watchContainer(job: Job, id: string, first: AttachMode): Watch {
  const output = createOutput(job);
  let attachment: Attachment | undefined;
  let detached = false;
  const never: Promise<never> = new Promise(() => undefined);

  async function follow(): Promise<Outcome> {
    let mode: AttachMode = first;
    let starts = 0;
    let reads = 0;
    let interruption = "";
    let isSuspicion = false;
    for (;;) {
      starts += mode === "start" ? 1 : 0;
      const current = attach(job, output, id, mode);
      attachment = current;
      const end = await current.ended;
      if (detached) return never;
      const { inspected, waited } = await inspectPatiently(job, id, () => detached);
      if (detached) return never;
      if (waited !== "") interruption = waited;
      if (inspected.found === "no engine") return outcomeOfGoneEngine(job, `stopped answering: ${waited}`);
      if (inspected.found === "nothing") return outcomeOfVanished(job);
      const { container } = inspected;
      const { state } = container;
      const ended: EndedClient = { attachment: current, mode, end, words: current.words() };
      if (state.is === "created") {
        tellClientsWords(job, ended);
        if (mode !== "start" || starts >= MAX_STARTS || !isWorthAnotherStart(state, ended)) {
          return outcomeOfUnstarted(job, state, ended);
        }
      } else if (state.is === "exited") {
        reads += 1;
        const has = waited === "" ? await judgeOutput(job, output, ended, container) : "part";
        if (detached) return never;
        if (has === "part") tellClientsWords(job, ended);
        if (waited !== "") tellAbsence(job);
        const isDone = has === "all" || mode === "wait" || (isSuspicion && (has === "unsure" || current.isElsewhere()));
        const next = isDone ? "wait" : goOn(job, output, ended, container, reads);
        if (next === "wait") return outcomeOfEnded(job, state, output.lastWords(), interruption);
        isSuspicion = has === "unsure";
        mode = next;
      } else {
        // The engine is back, or was never away: the container ends as it does by itself.
        interruption = "";
        tellClientsWords(job, ended);
        note(job, `lost sight of container ${id.slice(0, 12)} while it runs; follows it again`);
        mode = goOn(job, output, ended, container, 0);
      }
      await pause(job.tools.clock, PAUSE_MS);
      if (detached) return never;
    }
  }

  return {
    outcome: follow(),
    detach() {
      detached = true;
      attachment?.detach();
    },
  };
}

interface EndedClient {
  readonly attachment: Attachment;
  readonly mode: AttachMode;
  readonly end: ClientEnd;
  readonly words: string;
}

/**
 * How much the client has passed on of what the container, which has ended, wrote. `unsure`: it ended as if it were all,
 * but the engine has other last lines. An engine may not keep all as it was written, so that alone proves nothing. Unless
 * it is `part`, what was doubtful was the container's, and has been passed on.
 */
async function judgeOutput(
  job: Job,
  output: Output,
  { attachment, mode, end }: EndedClient,
  container: Container,
): Promise<"all" | "part" | "unsure"> {
  const expected = mode === "start" ? container.state.exitCode : 0;
  if (mode === "wait" || end.ended !== "exited" || end.code !== expected) return "part";
  if (attachment.isElsewhere()) return "part";
  const { doubtful } = attachment;
  // A container may say what a client says that has lost its engine, and end as the client does: then the engine has it.
  if (mode === "start" && container.keepsOutput && lostConnection(doubtful.text())) {
    if ((await compareEnds(job, output, container, doubtful.bytes())) !== "alike") return "part";
    doubtful.passOn();
    return "all";
  }
  doubtful.passOn();
  return (await compareEnds(job, output, container)) === "different" ? "unsure" : "all";
}

/** How to see more of a container whose client has lost sight of it; the log says what cannot be seen. */
function goOn(job: Job, output: Output, ended: EndedClient, container: Container, reads: number): "logs" | "wait" {
  const { attachment, mode, end, words } = ended;
  const engine = engineName(job.request);
  if (mode === "wait") return mode;
  if (!container.keepsOutput) {
    note(job, `${engine} keeps no output of this container (--log-driver): what it wrote from here on is missing`);
    return "wait";
  }
  if (attachment.isElsewhere()) {
    output.beginAnew();
    note(job, `${engine} does not have the output as it was seen; what it has follows, also what was shown before`);
  } else if (reads >= MAX_READS || (mode === "logs" && isRefused(end, words))) {
    const reason = describeEnd(end, words, job.secrets);
    note(job, `${engine} does not give the output again (${reason}): what the container wrote from here on is missing`);
    return "wait";
  }
  return "logs";
}

/** In the log they are Busbar's: not the container, but its client said them. */
function tellClientsWords(job: Job, { attachment, mode }: EndedClient): void {
  const text = attachment.doubtful.text();
  if (text !== "") note(job, `${engineName(job.request)} ${mode}: ${clientWords(text, job.secrets)}`);
}

function tellAbsence(job: Job): void {
  const engine = engineName(job.request);
  note(job, `${engine} was away while the container ended: what it wrote meanwhile may be missing`);
}

/** Whether it was the engine that did not want to, and not a client or connection that broke. */
function isRefused(end: ClientEnd, stderr: string): boolean {
  return end.ended === "exited" && end.code !== 0 && !lostConnection(stderr);
}

/** Whether it was the client that failed, and not the engine that could not start the container. */
function isWorthAnotherStart(state: ContainerState, { end, words }: EndedClient): boolean {
  return state.error === "" && (end.ended === "killed" || lostConnection(words));
}

function outcomeOfUnstarted(job: Job, state: ContainerState, { end, words }: EndedClient): Outcome {
  const reason = state.error === "" ? describeEnd(end, words, job.secrets) : clientWords(state.error, job.secrets);
  return outcomeOfNoStart(job, reason, state.exitCode);
}

/**
 * An engine that restarts may end its containers by signals, or not know how they ended (255): what they would have come
 * to by themselves is not known then.
 */
function outcomeOfEnded(job: Job, state: ContainerState, stderr: string, interruption: string): Outcome {
  if (interruption === "" || state.exitCode <= 128) return outcomeOfExit(job, state, stderr);
  const when = `was away while the container of ${job.attempt.nodeId} ran, which ended with exit code ${state.exitCode}`;
  return outcomeOfGoneEngine(job, `${when}: ${interruption}`);
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
    waited = describeAnswer(inspected.answer, secrets);
    if (isGivenUp() || tools.clock.monotonic() >= until) return { inspected, waited };
    await pause(tools.clock, PAUSE_MS);
  }
}
