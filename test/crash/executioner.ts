import { hrtime } from "node:process";
import { type Asking, askAndDie, askUntilDead } from "./askers.ts";
import type { CountedCall } from "./counting-service.ts";
import { type Ended, startCommand, startEntry } from "./life.ts";
import { readDeath } from "./note-death.ts";
import { type Aim, isOutside, type RunPoint } from "./points.ts";
import { between } from "./scenario.ts";

/** The run that another is made of, and the node that the other begins with. */
export interface Source {
  readonly runId: string;
  readonly from: string;
}

/** The next process of a run, and how it is to die. */
export interface Sentence extends Asking {
  readonly verb: "run" | "resume" | "rerun";
  /** For `rerun`. */
  readonly source: Source | undefined;
  /** Undefined: in peace. */
  readonly point: RunPoint | undefined;
  /** Nodes that are left to do. */
  readonly unsettled: number;
  readonly isWide: boolean;
}

/** About how long a process takes until its first call, milliseconds. */
const START_MS = 400;
/** About how long a node takes, milliseconds. */
const NODE_MS = 60;

interface Ending extends Ended {
  /** The service had a call of this process that it had not answered when it was killed. */
  readonly inFlight: boolean;
}

/** Runs one process to its end, natural or not. */
export async function runLife(sentence: Sentence): Promise<Ending> {
  const { point, random, place, runId, verb, life } = sentence;
  if (point !== undefined && !isOutside(point)) {
    const aim = aimAt(point, sentence);
    // With preflight, run.created is durable alone.
    const preflight = random.next() < 0.5;
    const { file, stateDir } = place;
    const process = startEntry({ verb, runId, file, stateDir, preflight, aim, source: sentence.source }, { life });
    if (point === "pausing") await askUntilDead(sentence, process);
    const ended = await process.ended;
    return toDeath(ended, readDeath(ended.stderr), sentence);
  }
  const common = ["--no-preflight", "--json", "--state-dir", place.stateDir];
  const process = startCommand([...wordsOf(sentence), ...common], { life });
  let killedNs: bigint | undefined;
  const kill = (): void => {
    killedNs = hrtime.bigint();
    process.signal("SIGKILL");
  };
  if (point === "asked") await askAndDie(sentence, process, kill);
  const stop =
    point === "sent" ? lieInWait(sentence, kill) : point === "instant" ? waitForInstant(sentence, kill) : undefined;
  const ended = await process.ended;
  stop?.();
  return toDeath(ended, killedNs, sentence);
}

function wordsOf({ verb, runId, place, source }: Sentence): readonly string[] {
  if (verb === "resume") return ["resume", runId];
  const named = ["--run-id", runId];
  if (verb === "run" || source === undefined) return ["run", place.file, ...named];
  return ["rerun", source.runId, "--from", source.from, ...named];
}

async function toDeath(ended: Ended, ns: bigint | undefined, { service, runId, life }: Sentence): Promise<Ending> {
  await service.quiet(runId, life);
  const isOpen = ({ arrivedNs, endedNs }: CountedCall): boolean =>
    ns !== undefined && arrivedNs <= ns && (endedNs === undefined || ns < endedNs);
  const inFlight = service.callsOf(runId).some((call) => call.life === life && isOpen(call));
  return { ...ended, inFlight };
}

function aimAt(point: Aim["point"], { random, unsettled, isWide }: Sentence): Aim {
  const isRepeated = point === "started" || point === "received" || point === "committed";
  // In a wide run not at once, so that other calls are in flight.
  const first = isWide ? Math.ceil(unsettled / 3) : 1;
  // The first is a pause, the second an unpause.
  const latest = point === "pausing" ? 2 : 1;
  const nth = isRepeated
    ? between(random, first, Math.max(first, Math.ceil(unsettled / 2)))
    : between(random, 1, latest);
  // A takeover takes about a millisecond, a checkpoint of 1,000 pages some; zero is before it.
  const isBefore = random.next() < (point === "takeover" ? 0.25 : point === "pausing" || point === "reused" ? 0.5 : 0);
  const delayUs = isBefore ? 0 : between(random, 1, 1500);
  return { point, nth, delayUs };
}

/** Kills when the n-th call has reached the service, which has not answered it. */
function lieInWait({ service, random, runId, life, unsettled }: Sentence, kill: () => void): () => void {
  let left = between(random, 1, Math.max(1, unsettled - 1));
  service.onCall(runId, (call) => {
    if (call.life !== life) return;
    left -= 1;
    if (left === 0) kill();
  });
  return () => service.onCall(runId, undefined);
}

/** Kills at any time: from the start of the process on, or, mostly, after its first call. */
function waitForInstant({ service, random, runId, unsettled, isWide }: Sentence, kill: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const killAfter = (ms: number): void => {
    timer ??= setTimeout(kill, ms);
  };
  if (random.next() < 0.1) killAfter(random.next() * START_MS);
  const ms = (random.next() * unsettled * NODE_MS) / (isWide ? 2 : 1);
  service.onCall(runId, () => killAfter(ms));
  return () => {
    clearTimeout(timer);
    service.onCall(runId, undefined);
  };
}
