import type { Finding } from "../../engine/finding.ts";
import { formatDuration } from "../../kernel/durations.ts";
import { pause } from "../../kernel/pause.ts";
import { asSentence } from "../../kernel/sentences.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import { explainAbsence } from "./absence.ts";
import { checkImages } from "./check-images.ts";
import { checkMounts } from "./check-mounts.ts";
import { type Answer, askEngine, type EngineTools, hasSucceeded } from "./engine.ts";
import { readEnvironment } from "./environment.ts";
import { findingOf, type Need, type SharedNeed, shareNeeds } from "./needs.ts";
import { describeContainer, describeEnd, engineName } from "./words.ts";

/** What an engine that is still starting may look like. */
const MAY_PASS: readonly Finding["code"][] = ["ENGINE_UNREACHABLE", "ENGINE_SILENT"];
const FIRST_PAUSE_MS = 200;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 2000;
/** The part of the time that a question has to be given before its engine counts as silent. */
const SILENT_SHARE = 0.5;
const UNASKED: Answer = { end: { ended: "killed", signal: "SIGKILL" }, silent: true, stdout: "", stderr: "" };

/**
 * Checks engines side by side, and at each the images and mounts that nodes need. All findings at once.
 * @throws the signal's reason, when aborted
 */
export async function preflightNodes(
  tools: EngineTools,
  needs: readonly Need[],
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  signal.throwIfAborted();
  const until = tools.clock.monotonic() + options.waitMs;
  const byProgram = Map.groupBy(needs, ({ request }) => request.program);
  const findings = await Promise.all(
    [...byProgram.values()].map((mine) => checkUntilThere(tools, mine, options, until, signal)),
  );
  return [...findings.flat(), ...checkEnvironment(tools, needs)];
}

async function checkUntilThere(
  tools: EngineTools,
  needs: readonly Need[],
  { timeoutMs, onWaiting }: PreflightOptions,
  until: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let pauseMs = FIRST_PAUSE_MS;
  let told = "";
  for (;;) {
    const findings = await checkEngine(tools, needs, timeoutMs, signal);
    const leftMs = until - tools.clock.monotonic();
    if (leftMs <= 0 || !findings.some(({ code }) => MAY_PASS.includes(code))) return findings;
    const kinds = findings.map(({ code }) => code).join();
    if (kinds !== told) onWaiting?.(findings);
    told = kinds;
    await pause(tools.clock, Math.min(pauseMs, leftMs), signal);
    signal.throwIfAborted();
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, LONGEST_PAUSE_MS);
  }
}

async function checkEngine(
  tools: EngineTools,
  needs: readonly Need[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { clock } = tools;
  const [shared] = shareNeeds(needs, ({ request }) => [request.program]).values();
  if (shared === undefined) return [];
  const { program } = shared.first.request;
  const deadline = clock.monotonic() + timeoutMs;
  let isSilent = false;
  const ask = async (args: readonly string[]): Promise<Answer> => {
    const leftMs = deadline - clock.monotonic();
    if (leftMs <= 0) return UNASKED;
    const answer = await askEngine(tools, program, args, { timeoutMs: leftMs, signal });
    signal.throwIfAborted();
    // What it says of an image in a registry takes as long as the registry; and one that has answered much is slow at most.
    isSilent ||= answer.silent && args[0] !== "manifest" && leftMs >= timeoutMs * SILENT_SHARE;
    return answer;
  };
  const up = await ask(["ps", "--quiet", "--last=1"]);
  if (isSilent) return [silence(tools, shared, timeoutMs)];
  if (!hasSucceeded(up)) return [absence(tools, shared, up)];
  const [images, mounts] = await Promise.all([checkImages(tools, needs, ask), checkMounts(tools, needs, ask)]);
  return isSilent ? [silence(tools, shared, timeoutMs), ...mounts] : [...images, ...mounts];
}

function absence(tools: EngineTools, shared: SharedNeed, answer: Answer): Finding {
  const { secrets } = tools;
  const { request } = shared.first;
  if (answer.end.ended === "never started") {
    const reason = describeEnd(answer.end, answer.stderr, secrets);
    const text = `${request.program} (for ${shared.who}) could not be run: ${asSentence(reason)} Install it, or name its full path`;
    return findingOf(shared, "error", "ENGINE_NOT_FOUND", text, secrets);
  }
  const { code, text } = explainAbsence(tools, answer);
  return findingOf(shared, "error", code, `${engineName(request)} (for ${shared.who}) ${text}`, secrets);
}

function silence({ secrets }: EngineTools, shared: SharedNeed, timeoutMs: number): Finding {
  const engine = engineName(shared.first.request);
  const text = `${engine} (for ${shared.who}) did not answer within ${formatDuration(timeoutMs)}`;
  return findingOf(shared, "error", "ENGINE_SILENT", text, secrets);
}

function checkEnvironment({ secrets, env }: EngineTools, needs: readonly Need[]): readonly Finding[] {
  const textsOf = ({ request }: Need) => readEnvironment(request, secrets, env).problems.map(({ text }) => text);
  return [...shareNeeds(needs, textsOf)].map(([text, shared]) => {
    const who = describeContainer(shared.who, shared.first.request);
    return findingOf(shared, "error", "CONTAINER_MISSING_ENV", `${who}: ${text}`, secrets);
  });
}
