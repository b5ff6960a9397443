import { pause } from "../../kernel/pause.ts";
import type { Outcome } from "../../ports/executor.ts";
import { containersOf, refuseRequest } from "../../workflow/kinds/docker/policy.ts";
import { limitOptions } from "../../workflow/kinds/docker/policy-limits.ts";
import { maskOption } from "../../workflow/kinds/docker/shown.ts";
import { explainAbsence } from "./absence.ts";
import { askIfThere, inspectContainer, removeContainers } from "./containers.ts";
import { type Answer, askEngine, hasSucceeded, lostConnection } from "./engine.ts";
import { readEnvironment } from "./environment.ts";
import {
  containerName,
  describeMaker,
  givenName,
  isOfJournal,
  isOfLaterAttempt,
  isOfNode,
  labelOptions,
} from "./identity.ts";
import { type Job, note } from "./job.ts";
import {
  outcomeOfEnvironment,
  outcomeOfGoneEngine,
  outcomeOfNameTaken,
  outcomeOfNoProgram,
  outcomeOfNoStart,
  outcomeOfRefusal,
} from "./outcome.ts";
import { type ResolvedMount, resolveMounts } from "./resolve-mounts.ts";
import { clientWords, describeEnd, quoteCommand } from "./words.ts";

export type CreateResult =
  | { readonly created: true; readonly id: string; readonly mounts: readonly ResolvedMount[] }
  | { readonly created: false; readonly outcome: Outcome };

/**
 * How long a name may be taken by a container that cannot be looked at: one that a client of a killed Busbar is still
 * having made. Engines give the name away first.
 */
const NAME_FREE_WITHIN_MS = 30_000;
const PAUSE_MS = 100;
/** An image may be pulled meanwhile; the attempt's own limit ends the wait. */
const NO_LIMIT_MS = 2 ** 40;

/**
 * Makes the container of an attempt, without starting it. There is never more than one of a node: names are unique
 * in an engine, and what is left of an earlier attempt of this very journal and has the name is removed first.
 *
 * @param signal ends the client; a container may or may not have been made by then
 */
export async function createContainer(job: Job, signal: AbortSignal): Promise<CreateResult> {
  const { tools, request, attempt, secrets } = job;
  const [refusal] = tools.policy === undefined ? [] : refuseRequest(tools.policy, request);
  if (refusal !== undefined) return refused(outcomeOfRefusal(job, "POLICY_REFUSED", refusal.message));
  const { options, variables, problems } = readEnvironment(request, secrets, tools.env);
  const [problem] = problems;
  if (problem !== undefined) return refused(outcomeOfEnvironment(job, problem.text));
  const resolved = await resolveMounts(tools, request, signal);
  if (signal.aborted) return refused(outcomeOfNoStart(job, "it was given up"));
  if (!resolved.ok) return refused(outcomeOfRefusal(job, resolved.problem.code, resolved.problem.text));
  const given = givenName(request.options);
  const name = given ?? containerName(attempt, tools.journal);
  const args = [
    "create",
    ...(given === undefined ? [`--name=${name}`] : []),
    ...labelOptions(attempt, tools.journal),
    ...request.options,
    ...(tools.policy === undefined ? [] : limitOptions(containersOf(tools.policy), request.options)),
    ...options,
    "--",
    request.image,
    ...request.args,
  ];
  note(job, quoteCommand(request.program, args.map(maskOption), secrets));
  const ask = (): Promise<Answer> =>
    askEngine(tools, request.program, args, {
      timeoutMs: NO_LIMIT_MS,
      signal,
      variables,
      // The progress of a pull, and warnings.
      onStderr: (chunk) => job.log.write("busbar", chunk),
    });
  const until = tools.clock.monotonic() + NAME_FREE_WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (!isNameTaken(answer) || signal.aborted || tools.clock.monotonic() >= until) {
      return readAnswer(job, answer, resolved.mounts);
    }
    const inTheWay = await inspectContainer(tools, request.program, name);
    if (inTheWay.found === "container") {
      const { id, labels } = inTheWay.container;
      const isOurs = isOfNode(labels, attempt) && isOfJournal(labels, tools.journal);
      if (!isOurs || isOfLaterAttempt(labels, attempt)) {
        return refused(outcomeOfNameTaken(job, name, `${id.slice(0, 12)}, ${describeMaker(labels, tools.journal)}`));
      }
      note(job, `removes container ${id.slice(0, 12)}, left of an earlier attempt of this node`);
      await removeContainers(tools, request.program, [id]);
    } else await pause(tools.clock, PAUSE_MS);
  }
}

function isNameTaken(answer: Answer): boolean {
  return !hasSucceeded(answer) && /already in use/i.test(answer.stderr);
}

async function readAnswer(job: Job, answer: Answer, mounts: readonly ResolvedMount[]): Promise<CreateResult> {
  const { tools, request, secrets } = job;
  const { end, stdout, stderr } = answer;
  const id = stdout.trim().split(/\s+/).at(-1) ?? "";
  if (hasSucceeded(answer) && /^[0-9a-f]{12,64}$/.test(id)) return { created: true, id, mounts };
  const reason = describeEnd(end, stderr, secrets);
  if (end.ended === "never started") return refused(outcomeOfNoProgram(job, reason));
  const listed = await askIfThere(tools, request.program);
  if (!hasSucceeded(listed)) {
    const { code, text } = explainAbsence(tools, clientWords(listed.stderr, secrets) === "" ? answer : listed);
    // Trying again changes nothing about a client that does not know its engine, or may not use it.
    return refused(
      code === "ENGINE_UNREACHABLE" ? outcomeOfGoneEngine(job, text) : outcomeOfNoStart(job, `it ${text}`),
    );
  }
  return refused(
    lostConnection(stderr) ? outcomeOfGoneEngine(job, `does not answer: ${reason}`) : outcomeOfNoStart(job, reason),
  );
}

function refused(outcome: Outcome): CreateResult {
  return { created: false, outcome };
}
