import type { ObjectContext } from "@restatedev/restate-sdk";
import {
  ANSWERS,
  DELETED,
  DISPLACED_SIGNAL,
  definitionKey,
  HEAD,
  pageKey,
  REQUESTS_OBJECT,
} from "../../../adapters/restate/names.ts";
import type { DisplaceInput, DriveEnd, DriveInput, StoredHead, StoredQueue } from "../../../adapters/restate/wire.ts";
import type { Begun, Facts, Input } from "../../../engine/inputs.ts";
import { createMachine } from "../../../engine/machine.ts";
import type { Answer } from "../../../engine/requests.ts";
import { summarize } from "../../../engine/state.ts";
import { isTerminalRun } from "../../../engine/status.ts";
import { type Step, step } from "../../../engine/step.ts";
import { BusbarError } from "../../../kernel/errors.ts";
import { timestampOf } from "../../../kernel/timestamp.ts";
import { encodeEvents } from "../../../ports/journal-rules.ts";
import type { RequestRecord } from "../../../ports/requests.ts";
import { createArrivals } from "./arrivals.ts";
import { callHandler } from "./call.ts";
import { confirmKey, withdrawKey } from "./confirm-key.ts";
import type { Driven } from "./driven.ts";
import { loadDriven } from "./load-driven.ts";
import { cancelCalls, perform } from "./perform.ts";
import { readState } from "./read-state.ts";
import type { WorkerTools } from "./tools.ts";

/** UTF-16 units of events from which they get a page of their own: what a turn writes in vain is half of it. */
const PAGE_LENGTH = 8 * 1024;

/**
 * Drives one run to its end. As the driver of the local runtime: a turn takes what has arrived, lets the machine decide,
 * records that, and only then acts (E8); entries of a journal of Restate are durable in their order.
 *
 * It is done again from its beginning whenever Restate needs it (another worker, a wait that was long), so all that it
 * does follows from its input, its state and what has arrived. It reads no clock: times come with what arrives.
 */
export async function drive(tools: WorkerTools, ctx: ObjectContext, input: DriveInput): Promise<DriveEnd> {
  const isNew = input.epoch === 1;
  const [before = null, deleted] = await readState<StoredHead>(ctx, isNew ? [HEAD, DELETED] : [HEAD]);
  const epoch = before?.epoch ?? 0;
  if (epoch + 1 !== input.epoch || (isNew && deleted !== null)) return { kind: "refused", epoch };
  const loaded = await loadDriven(tools, ctx, before, input).catch(leave);
  if ("kind" in loaded) return loaded;
  const { state, definition, workflow } = loaded;
  if (before === null && !(await confirmKey(ctx, input))) return { kind: "refused", epoch, because: "key" };
  if (input.definition !== undefined) ctx.set(definitionKey(input.definition.hash), input.definition);
  const run: Driven = {
    ctx,
    input,
    machine: createMachine(state, {}),
    arrivals: createArrivals(ctx),
    calls: new Map(),
    head: headOf(before, input, definition, ctx.request().id),
    tailLength: before === null ? 0 : JSON.stringify(before.tail).length,
    answers: before === null ? [] : ((await ctx.get<readonly Answer[]>(ANSWERS)) ?? []),
    nowMs: input.atMs,
  };
  const how = workflow === undefined ? input.how : { ...input.how, workflow };
  const begun: Begun = {
    type: "begun",
    how: how as Begun["how"],
    preflight: input.preflight !== undefined,
    queues: input.queues === true,
  };
  for (let inputs: readonly Input[] = [begun]; ; ) {
    const decided = step(run.machine, inputs, factsOf(run));
    let texts: readonly string[];
    try {
      texts = encodeEvents({ runId: state.runId, epoch: input.epoch, events: decided.events });
    } catch (thrown) {
      await cancelCalls(run);
      const hasBegun = inputs[0] !== begun;
      if (!hasBegun && before === null) await withdrawKey(ctx, input);
      return { ...leave(thrown), hasBegun };
    }
    record(run, decided, lengthOf(texts));
    for (const command of decided.commands) {
      if (command.type === "let_go") return { kind: "left" };
      await perform(run, command);
    }
    if (isTerminalRun(state.status)) return { kind: "ended", seq: state.lastSeq };
    if (inputs[0] === begun) {
      await listenForRequests(run, before !== null);
      listenForNewer(run);
    }
    const arrived = await run.arrivals.next(run.nowMs);
    run.nowMs = Math.max(run.nowMs, arrived.atMs);
    inputs = [arrived.input];
  }
}

/** What cannot be mended by doing it again is told to whoever waits; all else Restate does again. */
function leave(thrown: unknown): DriveEnd & { readonly kind: "left" } {
  if (!(thrown instanceof BusbarError)) throw thrown;
  return { kind: "left", error: thrown.toInfo() };
}

function headOf(
  before: StoredHead | null,
  input: DriveInput,
  definition: { readonly hash: string; readonly file?: string },
  invocation: string,
): Driven["head"] {
  const { origin, priority, idempotency } = before ?? input;
  return {
    definitionHash: definition.hash,
    ...(definition.file === undefined ? {} : { file: definition.file }),
    epoch: input.epoch,
    pages: before?.pages ?? 0,
    tail: before?.tail ?? [],
    invocation,
    token: input.token,
    identity: before?.identity ?? input.token,
    drivenSince: timestampOf(input.atMs),
    ...(origin === undefined ? {} : { origin }),
    ...(priority === undefined ? {} : { priority }),
    ...(idempotency === undefined ? {} : { idempotency }),
  };
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

/** Restate has no clock that could be asked for nothing: what has arrived tells the time. */
function factsOf({ nowMs, input }: Driven): Facts {
  return { atMs: nowMs, monotonicMs: nowMs, seed: input.seed };
}

/**
 * Events stand in the head until they are many, or the run has ended: an entry a turn less, which is what a turn costs.
 * The heads of runs that have ended, which lists read, are short.
 * @param length of the events as JSON
 */
function record(run: Driven, { events, answers, commands }: Step, length: number): void {
  const { ctx, machine, head } = run;
  if (answers.length > 0) {
    run.answers = [...run.answers, ...answers];
    ctx.set(ANSWERS, run.answers);
  }
  const queue = queueOf(run, commands);
  const { queue: earlier, ...others } = head;
  if (events.length === 0 && queue?.asks === earlier?.asks && queue?.waits === earlier?.waits) return;
  const { lastSeq, status, workflow } = machine.state;
  const tail = [...head.tail, ...events];
  run.tailLength += length;
  const isPage = run.tailLength >= PAGE_LENGTH || isTerminalRun(status);
  if (isPage) {
    ctx.set(pageKey(head.pages), tail);
    run.tailLength = 0;
  }
  const { concurrency } = workflow;
  run.head = {
    ...others,
    ...(isPage ? { pages: head.pages + 1, tail: [] } : { tail }),
    ...(queue === undefined ? {} : { queue }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
  ctx.set(HEAD, { ...run.head, summary: summarize(machine.state), lastSeq } satisfies StoredHead);
}

function queueOf({ machine: { admission }, head }: Driven, commands: Step["commands"]): StoredQueue | undefined {
  if (admission !== "wanted" && admission !== "asked") return undefined;
  const asks = (head.queue?.asks ?? 0) + (commands.some(({ type }) => type === "enqueue") ? 1 : 0);
  return { asks, waits: admission === "asked" };
}

/** A server has a newer run go on in the place of this one, where its file says so. */
function listenForNewer({ ctx, arrivals, machine, head, nowMs }: Driven): void {
  if (head.origin !== "server" || machine.state.workflow.concurrency?.whenFull !== "cancel_oldest") return;
  arrivals.expect("displaced", ctx.signal<DisplaceInput>(DISPLACED_SIGNAL), (displaced) => ({
    input: { type: "displaced", by: displaced?.by ?? "" },
    atMs: displaced?.atMs ?? nowMs,
  }));
}

/**
 * From now on requests find this drive. Those that were added before it said in the head that it drives are asked for,
 * where the run was there before: the others were signalled to an earlier drive.
 */
async function listenForRequests({ ctx, arrivals, input, nowMs }: Driven, wasThere: boolean): Promise<void> {
  let last = "lastRequestId" in input.how ? input.how.lastRequestId : 0;
  if (wasThere) {
    const list = { service: REQUESTS_OBJECT, key: ctx.key, method: "list" };
    const requests = await callHandler<null, readonly RequestRecord[]>(ctx, list, null);
    for (const request of requests)
      if (request.id > last) arrivals.add({ input: { type: "asked", request }, atMs: nowMs });
    last = Math.max(last, requests.at(-1)?.id ?? 0);
  }
  arrivals.listen(last + 1);
}
