import { randomUUID } from "node:crypto";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../adapters/restate/names.ts";
import type { DriveEnd, DriveInput, StoredHead } from "../../adapters/restate/wire.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { asSentence } from "../../kernel/sentences.ts";
import { refuseExisting } from "../../ports/journal-rules.ts";
import { createWaits, type Pace } from "../shared/looks.ts";

/** What a drive is to begin with, but for what every submission has of its own. */
export type DriveToSubmit = Omit<DriveInput, "token" | "atMs" | "seed">;

/**
 * Has a run driven by whichever worker Restate finds.
 *
 * @param token what whoever submits it calls the drive, if something else has to know it by that too
 * @returns `begun` once the first events are durable; `key_lost` where another run has its idempotency key by now
 * @throws BusbarError RUN_EXISTS, RUN_OWNED: somebody else was quicker; why nothing of it could be recorded; CLUSTER_…; CLUSTER_UNREACHABLE
 *   and CLUSTER_NO_WORKERS with the run's id in its details where Restate has the drive, or may have it, and nobody has
 *   begun it in time
 */
export type Submit = (runId: string, drive: DriveToSubmit, token?: string) => Promise<"begun" | "key_lost">;

export interface SubmitTools {
  readonly ingress: Ingress;
  readonly clock: Clock;
  readonly random: Random;
}

/** Between two looks whether a drive that was submitted has begun. */
const BEGUN: Pace = { firstMs: 5, longestMs: 200 };

export function createSubmit({ ingress, clock, random }: SubmitTools): Submit {
  async function look(runId: string, { token, epoch }: DriveInput): Promise<"begun" | "not_yet" | "passed"> {
    const head = await ingress.call<StoredHead | null>({ service: RUN_OBJECT, key: runId, handler: "head" });
    if (head?.token === token) return "begun";
    // This drive will find that out by itself, and record nothing.
    if (head !== null && head.epoch === epoch) refuseBegun(runId, epoch);
    return head !== null && head.epoch > epoch ? "passed" : "not_yet";
  }

  return async (runId, drive, ofKey) => {
    const token = ofKey ?? randomUUID();
    const seed = Math.floor(random.next() * 2 ** 32);
    const input: DriveInput = { ...drive, token, atMs: clock.now(), seed };
    // Sent twice, over a connection that broke, it is one submission. Another of the same run and epoch is another
    // drive, which waits behind the first and is refused by the epoch (E6).
    let progress: Progress = "here";
    try {
      const target = { service: RUN_OBJECT, key: runId, handler: "drive" };
      const invocation = await ingress.submit(target, input, token, () => {
        progress = "out";
      });
      progress = "accepted";
      return await untilBegun(runId, input, invocation);
    } catch (thrown) {
      throw ofKey === undefined ? tellThatItIsKept(thrown, runId, progress) : thrown;
    }
  };

  async function untilBegun(runId: string, input: DriveInput, invocation: string): Promise<"begun" | "key_lost"> {
    const waits = createWaits(BEGUN);
    for (;;) {
      const looked = await look(runId, input);
      if (looked === "begun") return "begun";
      const output = await ingress.outputOf<DriveEnd>(invocation);
      if (output.kind === "answered") return begunBy(output.value, runId, input.epoch);
      if (output.kind !== "under_way") {
        if ((await look(runId, input)) === "begun") return "begun";
        const why = output.kind === "failed" ? output.message : "it knows nothing of it";
        throw new BusbarError("CLUSTER_FAILED", `Restate ended the drive of run ${runId} before it began: ${why}`, {
          details: { run_id: runId },
        });
      }
      if (looked === "passed") refuseBegun(runId, input.epoch);
      await new Promise<void>((resolve) => clock.after(waits.next(), resolve));
    }
  }
}

/** Codes that say that nobody answers yet. */
const NO_ANSWER: ReadonlySet<string> = new Set(["CLUSTER_UNREACHABLE", "CLUSTER_NO_WORKERS"]);

/** Nobody has answered: whatever was asked for may have been done all the same. */
export function isUnanswered(thrown: unknown): thrown is BusbarError {
  return thrown instanceof BusbarError && NO_ANSWER.has(thrown.code);
}

/** How far a submission has come: not out of this process, out but not acknowledged, durable. */
type Progress = "here" | "out" | "accepted";

/** Whoever hears that nothing answers would think that nothing has been started. */
function tellThatItIsKept(thrown: unknown, runId: string, progress: Progress): unknown {
  if (!isUnanswered(thrown) || progress === "here") return thrown;
  const { code, message, details } = thrown;
  const kept =
    progress === "accepted"
      ? `Restate has accepted run ${runId}, which goes on by itself once a worker takes it: do not start it again.`
      : `Run ${runId} may have been accepted, and then goes on by itself: look for it before it is started again.`;
  return new BusbarError(code, `${asSentence(message)} ${kept}`, {
    cause: thrown,
    details: { ...details, run_id: runId },
  });
}

/** The drive is over already. */
function begunBy(end: DriveEnd, runId: string, epoch: number): "begun" | "key_lost" {
  if (end.kind === "refused") return end.because === "key" ? "key_lost" : refuseBegun(runId, epoch);
  if (end.kind === "ended" || end.error === undefined || end.hasBegun === true) return "begun";
  const { code, message, details } = end.error;
  throw new BusbarError(code, message, details === undefined ? {} : { details });
}

/** Somebody else was quicker. */
function refuseBegun(runId: string, epoch: number): never {
  if (epoch === 1) return refuseExisting(runId);
  throw new BusbarError("RUN_OWNED", `run ${runId} is being driven by the cluster`, { details: { run_id: runId } });
}
