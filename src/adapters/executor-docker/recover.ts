import { pause } from "../../kernel/pause.ts";
import type { Outcome, Recovery } from "../../ports/executor.ts";
import type { AttemptLog } from "../../ports/run-logs.ts";
import { type Container, listContainers, removeUnstarted } from "./containers.ts";
import { type JobResult, superviseContainer } from "./execute.ts";
import { isContainerOf, RUN_LABEL } from "./identity.ts";
import { type Job, note } from "./job.ts";
import { createLimit } from "./limit.ts";
import { outcomeOfExit, outcomeOfGoneEngine } from "./outcome.ts";
import { watchContainer } from "./watch.ts";
import { describeAnswer } from "./words.ts";

/** Of a container that has ended, all output is there; the outcome does not wait longer for it. */
const OUTPUT_WITHIN_MS = 60_000;
/** One that the engine does not let go of is looked at again so many times. */
const MAX_LOOKS = 20;
const PAUSE_MS = 250;

/**
 * Finds the container of an attempt that another process began. One that runs is watched to its end, within what is
 * left of the attempt's time; one that was never started is removed.
 *
 * The client of a killed process lives on: it may start the container just before it is removed. That is
 * no reason to end it, so it is looked for again.
 */
export async function recoverJob(job: Job, signal: AbortSignal, done: (result: JobResult) => void): Promise<Recovery> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    if (looks > 0) await pause(job.tools.clock, PAUSE_MS);
    const recovery = await lookFor(job, signal, done);
    if (recovery !== "not removed") return recovery;
  }
  // It still never ran; the next attempt, whose name it has, removes it by force.
  job.log.end();
  return { found: "gone" };
}

async function lookFor(
  job: Job,
  signal: AbortSignal,
  done: (result: JobResult) => void,
): Promise<Recovery | "not removed"> {
  const { tools, request, attempt, secrets } = job;
  const listed = await listContainers(tools, request.program, `${RUN_LABEL}=${attempt.runId}`);
  if (!listed.answered && attempt.cluster !== undefined) {
    // It may have been made at another engine, by a worker of another machine.
    job.log.end();
    return { found: "gone" };
  }
  if (!listed.answered) {
    const reason = describeAnswer(listed.answer, secrets);
    const what = `does not answer when asked for the container of an earlier process: ${reason}`;
    return finish(job, { outcome: outcomeOfGoneEngine(job, what) }, done);
  }
  const mine = listed.containers.filter(({ labels }) => isContainerOf(labels, attempt, tools.journal));
  const running = mine.find(({ state }) => state.is === "running");
  if (running !== undefined) return { found: "running", outcome: rejoin(job, running, signal, done) };
  const exited = mine.find(({ state }) => state.is === "exited");
  if (exited !== undefined) {
    return finish(job, { outcome: await collect(job, exited, signal), leftId: exited.id }, done);
  }
  const ids = mine.map(({ id }) => id);
  if (!(await removeUnstarted(tools, request.program, ids))) return "not removed";
  job.log.end();
  return { found: "gone" };
}

function finish(job: Job, result: JobResult, done: (result: JobResult) => void): Recovery {
  job.log.end();
  done(result);
  return { found: "outcome", outcome: result.outcome };
}

async function rejoin(job: Job, container: Container, signal: AbortSignal, done: (result: JobResult) => void) {
  const { tools, attempt } = job;
  const elapsedMs = tools.clock.now() - container.state.startedAt;
  const leftMs = Math.min(Math.max(0, attempt.timeoutMs - elapsedMs), attempt.timeoutMs);
  const limit = createLimit(tools.clock, leftMs, signal);
  const watch = watchContainer(
    readAgain(job, container, "runs"),
    container.id,
    container.keepsOutput ? "logs" : "wait",
  );
  const result = await superviseContainer(job, limit, container.id, watch);
  limit.release();
  job.log.end();
  done(result);
  return result.outcome;
}

/** Reads the output of one that has ended, and says how it did. */
async function collect(job: Job, container: Container, signal: AbortSignal): Promise<Outcome> {
  const limit = createLimit(job.tools.clock, OUTPUT_WITHIN_MS, signal);
  const again = readAgain(job, container, "has ended");
  const watch = watchContainer(again, container.id, container.keepsOutput ? "logs" : "wait");
  const ended = await Promise.race([watch.outcome, limit.reached]);
  limit.release();
  if (typeof ended !== "string") return ended;
  watch.detach();
  note(job, "its output was not read to the end: the rest is missing");
  return outcomeOfExit(job, container.state, "");
}

/** What is kept of its output goes once some of it has come again: an engine may not give it. */
function readAgain(job: Job, container: Container, how: string): Job {
  const kept = container.keepsAll ? "" : ", as far as the engine's log options let it keep it";
  const again = container.keepsOutput
    ? `; its output from the beginning${kept}`
    : "; the engine keeps no output of it (--log-driver): what it wrote meanwhile is missing";
  note(job, `found container ${container.id.slice(0, 12)} of an earlier process: it ${how}${again}`);
  return { ...job, log: restartWhenWritten(job.log) };
}

function restartWhenWritten(log: AttemptLog): AttemptLog {
  let isOld = true;
  return {
    ...log,
    write(stream, chunk) {
      if (isOld && stream !== "busbar") log.restart();
      isOld &&= stream === "busbar";
      log.write(stream, chunk);
    },
  };
}
