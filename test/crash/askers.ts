import type { Random } from "../../src/kernel/random.ts";
import type { CountingService, Script } from "./counting-service.ts";
import { type Ended, type Life, startCommand } from "./life.ts";
import type { Place } from "./place.ts";

/** Keeps the calls of a run from being answered, for as long as somebody asks something of it. */
export interface Hold {
  begin(): void;
  end(): void;
  /** The same answers, not before the hold ends. */
  over(script: Script): Script;
}

export function createHold(): Hold {
  let held = Promise.withResolvers<void>();
  held.resolve();
  return {
    begin() {
      held = Promise.withResolvers();
    },
    end: () => held.resolve(),
    over: ({ reply }) => ({ reply: (call, nth) => ({ ...reply(call, nth), until: held.promise }) }),
  };
}

export interface Asking {
  readonly service: CountingService;
  readonly random: Random;
  readonly place: Place;
  readonly runId: string;
  readonly life: number;
  readonly hold: Hold;
}

/** About how long an asker takes, milliseconds: it is killed at any time of it, or comes to its end. */
const ASKING_MS = 700;

/** Pauses and unpauses the run by turns, until the process that drives it is dead: the asker then does it in its place. */
export async function askUntilDead(asking: Asking, owner: Life): Promise<void> {
  let isDead = false;
  const death = owner.ended.then(() => {
    isDead = true;
  });
  asking.hold.begin();
  await Promise.race([firstCall(asking), death]);
  for (let kind: Kind = "pause"; !isDead; kind = kind === "pause" ? "unpause" : "pause") {
    const { code, stderr } = await start(asking, kind).ended;
    // 2: it has ended, or was resumed by nobody else, or is not paused.
    if (code !== 0 && code !== 2) throw new Error(`busbar ${kind} exits with ${code}: ${stderr}`);
  }
  asking.hold.end();
}

/** Somebody who asks is killed; then the process that drives the run; then, at times, another who asks. */
export async function askAndDie(asking: Asking, owner: Life, kill: () => void): Promise<void> {
  const { random, hold } = asking;
  const death = owner.ended.then(() => undefined);
  hold.begin();
  await Promise.race([firstCall(asking), death]);
  await killed(asking, "pause");
  if (random.next() < 0.3) await killed(asking, "unpause");
  kill();
  await death;
  hold.end();
  if (random.next() < 0.5) await killed(asking, random.next() < 0.7 ? "pause" : "unpause");
}

type Kind = "pause" | "unpause";

function start({ runId, place }: Asking, kind: Kind): Life {
  return startCommand([kind, runId, "--state-dir", place.stateDir]);
}

async function killed(asking: Asking, kind: Kind): Promise<Ended> {
  const asker = start(asking, kind);
  const timer = setTimeout(() => asker.signal("SIGKILL"), asking.random.next() * ASKING_MS);
  const ended = await asker.ended;
  clearTimeout(timer);
  return ended;
}

export function firstCall({ service, runId, life }: Pick<Asking, "service" | "runId" | "life">): Promise<void> {
  return new Promise((resolve) => {
    service.onCall(runId, (call) => {
      if (call.life !== life) return;
      service.onCall(runId, undefined);
      resolve();
    });
  });
}
