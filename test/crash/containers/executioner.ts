import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../../src/kernel/random.ts";
import { type Life, startCommand } from "../life.ts";
import type { Death, Next } from "../lives.ts";
import type { Place } from "../place.ts";
import { between } from "../scenario.ts";
import { aimAt, aimVariables, type Situation } from "./aim.ts";
import { readExecutions } from "./executions.ts";
import type { Point } from "./points.ts";

/** The next process of a run, and how it is to die. */
export interface Sentence extends Next<Point>, Situation {
  readonly random: Random;
  readonly place: Place;
  /** The folder of the containers. */
  readonly data: string;
  /** Comes first in PATH. */
  readonly bin: string;
  /** The engine's own client program. */
  readonly client: string;
}

/** About how long a process takes until its first container, and a node, milliseconds. */
const START_MS = 600;
const NODE_MS = 900;
/** A point that is not reached by then will not be: the containers are let go. */
const MISSED_AFTER_MS = 20_000;
/** Nothing that goes well takes so long. */
const HANGS_AFTER_MS = 120_000;

/** Runs one process to its end, natural or not. */
export async function runLife(sentence: Sentence): Promise<Death<Point>> {
  const { point, random, place, runId, verb, data, bin, client, unsettled } = sentence;
  const aim = point === undefined || point === "instant" ? undefined : aimAt(point, sentence);
  const folder = mkdtempSync(join(data, "../aim-"));
  const options = ["--json", "--state-dir", place.stateDir, ...(random.next() < 0.5 ? ["--no-preflight"] : [])];
  const args = verb === "run" ? ["run", place.file, "--run-id", runId, ...options] : ["resume", runId, ...options];
  const process = startCommand(args, {
    env: aimVariables(aim, { bin, client, folder, log: join(data, "log"), runId }),
  });
  const letGo = (): void => writeFileSync(join(data, "go"), "");
  let hangs = false;
  const timers = [
    setTimeout(letGo, MISSED_AFTER_MS),
    setTimeout(() => {
      hangs = true;
      process.signal("SIGKILL");
    }, HANGS_AFTER_MS),
  ];
  if (point === "instant") {
    const takesClients = random.next() < 0.5;
    const ms = random.next() < 0.2 ? between(random, 0, START_MS) : between(random, START_MS, unsettled * NODE_MS);
    timers.push(setTimeout(() => kill(process, takesClients), ms));
  }
  // The last process follows on what earlier ones have begun.
  if (point === undefined) process.saw(verb === "run" ? /run\.started/ : /run\.resumed/).then(letGo, () => undefined);
  const ended = await process.ended;
  for (const timer of timers) clearTimeout(timer);
  if (hangs) throw new Error(`life ${sentence.life} hangs: ${ended.stdout}${ended.stderr}`);
  const inFlight = readExecutions(data).some(({ exitCode }) => exitCode === undefined);
  return { ...ended, isOnCommand: true, inFlight };
}

/** The clients are groups of their own. */
function kill(life: Life, takesClients: boolean): void {
  const clients = takesClients ? childrenOf(life.pid) : [];
  life.signal("SIGKILL");
  for (const pid of clients) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
