import { isTerminalEvent, type RunEvent } from "../../src/engine/events.ts";
import type { Kill } from "./facts.ts";
import type { Ended } from "./life.ts";

/** The next process of a run, and where it is to die. */
export interface Next<Point extends string> {
  /** Undefined: in peace. */
  readonly point: Point | undefined;
  readonly verb: "run" | "resume";
  /** Which process of the run, from 1. */
  readonly life: number;
  /** What the last one left. */
  readonly events: readonly RunEvent[];
}

export interface Death<Point extends string> extends Ended, Pick<Kill, "inFlight"> {
  /** Where the kill really fell, if not where it was aimed at. */
  readonly point?: Point;
  readonly isOnCommand: boolean;
}

export interface Lived<Point extends string> {
  readonly kills: readonly Kill<Point>[];
  readonly processes: number;
  readonly events: readonly RunEvent[];
  /** Event lines that the processes printed, in order. */
  readonly printed: readonly RunEvent[];
  readonly faults: readonly string[];
}

/** Processes after the last kill: one to end the run, and one more for each of two nodes that may fail in a round. */
const MAX_MORE = 3;

/** Runs a run process after process, until it has succeeded. */
export async function liveThrough<Point extends string>(
  points: readonly Point[],
  live: (next: Next<Point>) => Promise<Death<Point>>,
  readEvents: () => Promise<readonly RunEvent[]>,
): Promise<Lived<Point>> {
  const kills: Kill<Point>[] = [];
  const printed: RunEvent[] = [];
  const faults: string[] = [];
  let events: readonly RunEvent[] = [];
  let life = 0;
  for (const point of [...points, ...Array<undefined>(MAX_MORE)]) {
    if (events.at(-1)?.type === "run.succeeded") break;
    life += 1;
    const ended = await live({ point, verb: events.length === 0 ? "run" : "resume", life, events });
    printed.push(...linesOf(ended.stdout));
    events = await readEvents();
    if (point !== undefined && ended.signal === "SIGKILL") {
      const { isOnCommand, inFlight } = ended;
      kills.push({ point: ended.point ?? point, life, events, isOnCommand, inFlight });
    } else {
      faults.push(...checkExit(ended, events, life));
    }
  }
  return { kills, processes: life, events, printed, faults };
}

/** The events a process printed; a line that the kill cut is none. */
function linesOf(stdout: string): readonly RunEvent[] {
  const lines = stdout.split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent);
}

/** A process that was left in peace ends its run, and says how. */
function checkExit(ended: Ended, events: readonly RunEvent[], life: number): readonly string[] {
  const last = events.at(-1);
  const isEnd = last !== undefined && isTerminalEvent(last);
  const code = last?.type === "run.succeeded" ? 0 : 1;
  if (isEnd && ended.code === code) return [];
  return [`life ${life} ended with ${ended.code ?? ended.signal} after ${last?.type}: ${ended.stderr}`];
}
