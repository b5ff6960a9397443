import type { Command } from "../../engine/commands.ts";
import { isTerminalEvent } from "../../engine/events.ts";
import type { Begun, Facts, Input } from "../../engine/inputs.ts";
import { lookInside } from "../../engine/inside.ts";
import { createMachine } from "../../engine/machine.ts";
import type { RunState } from "../../engine/state.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { type Step, step } from "../../engine/step.ts";
import { BusbarError, toErrorInfo } from "../../kernel/errors.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { Append } from "../../ports/journal.ts";
import type { TerminalEvent } from "../../ports/runtime.ts";
import type { LocalDriver } from "../shared/local-runs.ts";
import type { QueuedRun } from "../shared/run-queue.ts";
import { ABORT_BOUND_MS, createCalls, within } from "./calls.ts";
import { commit } from "./commit.ts";
import type { DriverContext } from "./context.ts";
import { type DriverState, leaveFor, refuseLeft } from "./driver-state.ts";
import { createInputQueue } from "./input-queue.ts";
import { perform } from "./perform.ts";
import { createRunSlots } from "./run-slots.ts";
import { createTimers } from "./timers.ts";

/** Drives one run of this process to its end. */
export interface Driver extends LocalDriver {
  readonly runId: string;
  /** When the first append is durable: the run is ours. */
  readonly owned: Promise<void>;
  put(input: Input): void;
  /** Nothing that it began is in the journal. */
  isKnownAbsent(): boolean;
  /** Ends the calls and records nothing more: the run is left interrupted. Resolves when nothing of it is at work here. */
  leave(error: BusbarError): Promise<void>;
}

export interface DriverInput {
  readonly state: RunState;
  readonly begun: Omit<Begun, "queues">;
  /** What its place in the queue depends on; left out where it need not wait. */
  readonly queued?: QueuedRun;
  readonly preflight?: PreflightOptions;
  /** How the first append makes the run ours: it creates it, or takes it over. */
  readonly own: (append: Append) => Promise<void>;
}

/**
 * The loop between the run machine, the journal and the executors. A turn takes what has arrived, lets the machine
 * decide, appends once, and only then acts (E8).
 */
export function createDriver(context: DriverContext, { state, begun, queued, preflight, own }: DriverInput): Driver {
  const inputs = createInputQueue();
  const { put } = inputs;
  const run: DriverState = {
    context,
    machine: createMachine(state, context.abilities),
    preflight,
    seed: Math.floor(context.random.next() * 2 ** 32),
    inputs,
    calls: createCalls(context, state, { put, fail: (error) => leaveFor(run, error) }),
    timers: createTimers(context.clock, (timer) => put({ type: "due", timer })),
    slots: createRunSlots(context.slots, put),
    place: queued && context.queue?.join(queued, () => put({ type: "admitted" })),
    own,
    versionAtFirst: context.version.last(),
    isOurs: false,
    isKnownAbsent: false,
    hasEnded: false,
    status: { name: "driving" },
    checking: undefined,
    sweeping: undefined,
  };
  put({ ...begun, queues: run.place !== undefined });
  const owned = Promise.withResolvers<void>();
  let lettingGo: Promise<void> | undefined;
  const letGoOnce = (): Promise<void> => {
    lettingGo ??= letGo(run);
    return lettingGo;
  };
  const ended = drive(run, owned.resolve).catch(throwAsOurs).finally(letGoOnce);
  ended.catch(owned.reject);
  return {
    runId: state.runId,
    owned: owned.promise,
    ended,
    hasEnded: () => run.hasEnded,
    stall: () => (run.status.name === "stalled" ? run.status : undefined),
    inside: (lastSeq) => lookInside(run.machine, lastSeq, run.place?.wait()),
    put,
    isKnownAbsent: () => run.isKnownAbsent,
    async leave(error) {
      leaveFor(run, error);
      await letGoOnce();
      // Whoever closes the journal next would cut off an append whose end somebody waits for.
      await within(ABORT_BOUND_MS, context.clock, ended);
    },
  };
}

/** Whatever ends the driving is one of our errors: what is not is a bug. */
function throwAsOurs(thrown: unknown): never {
  if (thrown instanceof BusbarError) throw thrown;
  throw new BusbarError("INTERNAL", toErrorInfo(thrown).message, { cause: thrown });
}

async function drive(run: DriverState, owned: () => void): Promise<TerminalEvent> {
  const { context, inputs, machine } = run;
  for (;;) {
    let decided = decide(run, inputs.take());
    if (isTerminalRun(machine.state.status)) decided = await withLatecomers(run, decided);
    const { events } = decided;
    if (events.length > 0 || decided.answers.length > 0) await commit(run, decided);
    if (!run.isOurs) {
      run.isOurs = true;
      owned();
    }
    const last = events.at(-1);
    const end = last !== undefined && isTerminalEvent(last) ? last : undefined;
    run.hasEnded = end !== undefined;
    if (run.status.name !== "left") for (const command of decided.commands) perform(run, command);
    // After the calls have left, so that an observer costs them nothing.
    if (events.length > 0) context.observe(events);
    if (end !== undefined) return end;
    refuseLeft(run);
    await inputs.arrival();
    refuseLeft(run);
  }
}

/** What the machine decides. What it asks of slots and queue of this process is answered at once, within the same turn. */
function decide(run: DriverState, inputs: readonly Input[]): Step {
  const facts = factsOf(run);
  const first = step(run.machine, inputs, facts);
  if (!first.commands.some(isOfProcess)) return first;
  const events = [...first.events];
  const answers = [...first.answers];
  const commands: Command[] = [];
  for (let decided = first; ; ) {
    const told: Input[] = [];
    for (const command of decided.commands) {
      if (command.type === "want") told.push(run.slots.want(command));
      else if (command.type === "free") run.slots.free(command.nodeId);
      else if (command.type === "dequeue") run.place?.release();
      else if (command.type === "enqueue") told.push(...(run.place?.ask() === false ? [] : [ADMITTED]));
      else commands.push(command);
    }
    if (told.length === 0) return { events, answers, commands };
    decided = step(run.machine, told, facts);
    events.push(...decided.events);
    answers.push(...decided.answers);
  }
}

const ADMITTED: Input = { type: "admitted" };

function isOfProcess({ type }: Command): boolean {
  return type === "want" || type === "free" || type === "enqueue" || type === "dequeue";
}

function factsOf({ context: { clock }, seed }: DriverState): Facts {
  return { atMs: clock.now(), monotonicMs: clock.monotonic(), seed };
}

/** What was asked since the last look is answered with the run's end. Looks only if anybody else wrote anything. */
async function withLatecomers(run: DriverState, decided: Step): Promise<Step> {
  const { journal, version } = run.context;
  if (version.lookOnceATurn() === run.versionAtFirst) return decided;
  // A journal that cannot be read now may still take the end; whoever asked then learns from that.
  const requests = await journal.readRequests(run.machine.state.runId, { unanswered: true }).catch(() => []);
  const asked = requests.map((request): Input => ({ type: "asked", request }));
  const { answers } = step(run.machine, asked, factsOf(run));
  return { ...decided, answers: [...decided.answers, ...answers] };
}

/** Whatever ended the loop, nothing of this run stays behind in the process. */
async function letGo(run: DriverState): Promise<void> {
  const { calls, context, place, slots, sweeping, timers } = run;
  timers.disarmAll();
  run.checking?.abort();
  await calls.leave();
  if (sweeping !== undefined) await within(ABORT_BOUND_MS, context.clock, sweeping);
  slots.freeAll();
  place?.leave();
}
