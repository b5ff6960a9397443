// The containers of an engine: lists, inspects and removes them.

import { pause } from "../../kernel/pause.ts";
import { type Answer, askEngine, type EngineTools, hasSucceeded } from "./engine.ts";
import type { Labels } from "./identity.ts";

export interface Container {
  readonly id: string;
  readonly labels: Labels;
  readonly state: ContainerState;
  /** Whether the engine keeps what it wrote, so that it can be read again. */
  readonly keepsOutput: boolean;
  /** Whether it keeps all of it, however much there is. */
  readonly keepsAll: boolean;
}

export interface ContainerState {
  /** `created`: never started, for the reason `error` if somebody tried. */
  readonly is: "created" | "running" | "exited";
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  readonly error: string;
  /** Milliseconds since 1970 by the engine's clock, NaN where it never started. */
  readonly startedAt: number;
  /** Of its first process, on the engine's machine; 0 where it does not run. */
  readonly pid: number;
}

export type ListResult =
  | { readonly answered: true; readonly containers: readonly Container[] }
  | { readonly answered: false; readonly answer: Answer };

export type InspectResult =
  | { readonly found: "container"; readonly container: Container }
  | { readonly found: "nothing" }
  | { readonly found: "no engine"; readonly answer: Answer };

/** How long an engine may take for a short question before it counts as gone. */
export const ANSWERS_WITHIN_MS = 10_000;
/** Command lines have a limit (32 KiB on Windows). */
const IDS_AT_ONCE = 50;

function listIds(tools: EngineTools, program: string, label: string, timeoutMs: number): Promise<Answer> {
  const args = ["ps", "--all", "--quiet", "--no-trunc", `--filter=label=${label}`];
  return askEngine(tools, program, args, { timeoutMs });
}

/**
 * All containers with the label, whatever their state. One that the engine lists, and fails to say more of, is there: it
 * is asked again.
 */
export async function listContainers(
  tools: EngineTools,
  program: string,
  label: string,
  timeoutMs: number = ANSWERS_WITHIN_MS,
): Promise<ListResult> {
  const until = tools.clock.monotonic() + timeoutMs;
  const containers: Container[] = [];
  let failed: Answer | undefined;
  let left: readonly string[] | undefined;
  for (;;) {
    const answer = await listIds(tools, program, label, timeoutMs);
    if (!hasSucceeded(answer)) return { answered: false, answer };
    const listed = answer.stdout.split(/\s+/).filter((id) => id !== "");
    // What came since the first look is not of it; what has gone since is not missed.
    left = left?.filter((id) => listed.includes(id)) ?? listed;
    if (left.length === 0) return { answered: true, containers };
    if (failed !== undefined) {
      if (failed.silent || tools.clock.monotonic() >= until) return { answered: false, answer: failed };
      await pause(tools.clock, PAUSE_MS);
    }
    failed = undefined;
    for (const ids of inPortions(left)) {
      const inspected = await inspect(tools, program, ids, timeoutMs);
      containers.push(...inspected.containers);
      if (inspected.containers.length < ids.length) failed = inspected.answer;
    }
    const known = new Set(containers.map(({ id }) => id));
    left = left.filter((id) => !known.has(id));
    if (left.length === 0) return { answered: true, containers };
  }
}

/**
 * A client that does not find the container ends as one that could not ask, and as one whose engine could not look: only
 * what it says tells that there is none. A failure that may pass is asked about once more.
 */
export async function inspectContainer(
  tools: EngineTools,
  program: string,
  idOrName: string,
  timeoutMs: number = ANSWERS_WITHIN_MS,
): Promise<InspectResult> {
  for (let isLast = false; ; isLast = true) {
    const { containers, answer } = await inspect(tools, program, [idOrName], timeoutMs);
    const [container] = containers;
    if (container !== undefined) return { found: "container", container };
    if (saysAbsence(answer)) return { found: "nothing" };
    if (isLast || answer.silent) return { found: "no engine", answer };
  }
}

/** Those of the containers of which the engine says something. */
async function inspect(
  tools: EngineTools,
  program: string,
  ids: readonly string[],
  timeoutMs: number,
): Promise<{ readonly containers: readonly Container[]; readonly answer: Answer }> {
  const answer = await askEngine(tools, program, ["container", "inspect", ...ids], { timeoutMs });
  return { containers: readContainers(answer.stdout), answer };
}

/** As engines say it through clients of docker and podman. */
const ABSENCE = /no such (?:container|object)|no container with (?:the )?(?:name|id)\b/i;

function saysAbsence({ end, stderr }: Answer): boolean {
  return end.ended === "exited" && end.code !== 0 && ABSENCE.test(stderr);
}

/** Whether the engine answers at all; no question is cheaper. */
export function askIfThere(
  tools: EngineTools,
  program: string,
  timeoutMs: number = ANSWERS_WITHIN_MS,
): Promise<Answer> {
  return listIds(tools, program, "busbar.none", timeoutMs);
}

/** By force, with the anonymous volumes that only they have; named volumes stay. Containers that are gone already are no failure. */
export async function removeContainers(
  tools: EngineTools,
  program: string,
  ids: readonly string[],
  timeoutMs: number = ANSWERS_WITHIN_MS,
): Promise<boolean> {
  const until = tools.clock.monotonic() + timeoutMs;
  const remainingMs = (): number => Math.max(0, until - tools.clock.monotonic());
  let left = ids;
  while (left.length > 0) {
    const answers: Answer[] = [];
    for (const some of inPortions(left)) {
      const args = ["rm", "--force", "--volumes", ...some];
      answers.push(await askEngine(tools, program, args, { timeoutMs: remainingMs() }));
    }
    if (answers.every(hasSucceeded)) return true;
    if (remainingMs() === 0) return false;
    const still: InspectResult[] = [];
    for (const id of left) still.push(await inspectContainer(tools, program, id, remainingMs()));
    if (still.some(({ found }) => found === "no engine")) return false;
    // Somebody else may be removing it at the same time: then it is still there for a moment.
    left = left.filter((_, index) => still[index]?.found === "container");
    if (left.length > 0) await pause(tools.clock, Math.min(PAUSE_MS, remainingMs()));
  }
  return true;
}

/**
 * Without force: engines refuse to remove one that was started meanwhile.
 * @returns whether all of them are gone
 */
export async function removeUnstarted(tools: EngineTools, program: string, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return true;
  const args = ["rm", "--volumes", ...ids];
  return hasSucceeded(await askEngine(tools, program, args, { timeoutMs: ANSWERS_WITHIN_MS }));
}

const PAUSE_MS = 100;

function inPortions(ids: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(ids.length / IDS_AT_ONCE);
  return Array.from({ length: count }, (_, index) => ids.slice(index * IDS_AT_ONCE, (index + 1) * IDS_AT_ONCE));
}

/** The part of `inspect` that is used; docker and podman agree in it. */
interface InspectedJson {
  readonly Id: string;
  readonly Config?: { readonly Labels?: Labels | null };
  readonly HostConfig?: { readonly LogConfig?: { readonly Type?: string; readonly Config?: Labels | null } };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error?: string;
    readonly StartedAt: string;
    readonly Pid?: number;
  };
}

function readContainers(stdout: string): readonly Container[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(stdout);
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return (parsed as readonly InspectedJson[]).map(({ Id, Config, HostConfig, State }) => ({
    id: Id,
    labels: Config?.Labels ?? {},
    keepsOutput: !NO_OUTPUT.includes(HostConfig?.LogConfig?.Type ?? ""),
    keepsAll: HostConfig?.LogConfig?.Type !== "local" && HostConfig?.LogConfig?.Config?.["max-size"] === undefined,
    state: {
      is: readStatus(State),
      exitCode: State.ExitCode,
      outOfMemory: State.OOMKilled,
      error: State.Error ?? "",
      startedAt: hasStarted(State) ? Date.parse(State.StartedAt) : Number.NaN,
      pid: State.Pid ?? 0,
    },
  }));
}

/** Log drivers that keep nothing. */
const NO_OUTPUT: readonly string[] = ["none", "passthrough"];
const RUNNING: readonly string[] = ["running", "paused", "restarting", "stopping"];

function readStatus(state: InspectedJson["State"]): ContainerState["is"] {
  if (RUNNING.includes(state.Status)) return "running";
  return hasStarted(state) ? "exited" : "created";
}

function hasStarted({ StartedAt }: InspectedJson["State"]): boolean {
  return !StartedAt.startsWith("0001-");
}
