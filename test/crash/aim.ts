import { isTerminalEvent, type RunEvent } from "../../src/engine/events.ts";
import type { Executor } from "../../src/ports/executor.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Assassin } from "./assassin.ts";
import { noteDeath } from "./note-death.ts";
import type { Aim, InsidePoint } from "./points.ts";

/** Ends the process as a power cut would, as far as the process is concerned; never returns. */
export function killSelf(): never {
  noteDeath();
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

/** Wraps the ports so that the process dies at the point aimed at. */
export function takeAim(
  ports: { readonly journal: Journal; readonly executor: Executor },
  aim: Aim,
  assassin: Assassin,
): { readonly journal: Journal; readonly executor: Executor } {
  let reached = 0;
  const at = (point: InsidePoint): boolean => {
    if (point !== aim.point) return false;
    reached += 1;
    return reached === aim.nth;
  };
  const { journal, executor } = ports;

  /** An append whose commit may carry a checkpoint of the WAL with it. */
  async function write(append: () => Promise<void>): Promise<void> {
    if (aim.point === "checkpoint") assassin.watchCheckpoint(aim.delayUs);
    await append();
    if (aim.point === "checkpoint") assassin.rest();
  }

  return {
    journal: {
      ...journal,
      async create(run) {
        const isReused = at("reused");
        if (isReused && aim.delayUs === 0) killSelf();
        await write(() => journal.create(run));
        if (isReused || at("created")) killSelf();
      },
      async append(append) {
        const last = append.events.at(-1);
        const isEnd = last !== undefined && isTerminalEvent(last);
        if (isEnd && at("ending")) killSelf();
        const isPause = append.events.some(({ type }) => type === "run.paused" || type === "run.unpaused");
        const isTarget = isPause && at("pausing");
        if (isTarget && aim.delayUs === 0) killSelf();
        await write(() => journal.append(append));
        if (isTarget || (isEnd && at("ended"))) killSelf();
        if (startsDependents(append.events) && at("committed")) killSelf();
      },
      async takeOver(append) {
        if (!at("takeover")) return write(() => journal.takeOver(append));
        if (aim.delayUs === 0) killSelf();
        assassin.strikeAfter(aim.delayUs);
        await journal.takeOver(append);
        killSelf();
      },
      async close() {
        await write(() => journal.close());
      },
    },
    executor: {
      ...executor,
      async execute(attempt, signal) {
        if (at("started")) killSelf();
        const outcome = await executor.execute(attempt, signal);
        if (at("received")) killSelf();
        return outcome;
      },
    },
  };
}

/** An outcome, and in the same append the start of what waited for it. */
function startsDependents(events: readonly RunEvent[]): boolean {
  const succeeded = events.findIndex((event) => event.type === "node.succeeded");
  return succeeded >= 0 && events.slice(succeeded).some((event) => event.type === "node.started");
}
