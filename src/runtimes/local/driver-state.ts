import type { Machine } from "../../engine/machine.ts";
import type { BusbarError } from "../../kernel/errors.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { Append } from "../../ports/journal.ts";
import type { Stall } from "../shared/local-runs.ts";
import type { QueuePlace } from "../shared/run-queue.ts";
import type { Calls } from "./calls.ts";
import type { DriverContext } from "./context.ts";
import type { InputQueue } from "./input-queue.ts";
import type { RunSlots } from "./run-slots.ts";
import type { Timers } from "./timers.ts";

/** A run that is being driven here: the machine, and what does its commands. */
export interface DriverState {
  readonly context: DriverContext;
  readonly machine: Machine;
  readonly preflight: PreflightOptions | undefined;
  /** What the machine's draws are made from. */
  readonly seed: number;
  readonly inputs: InputQueue;
  readonly calls: Calls;
  readonly timers: Timers;
  readonly slots: RunSlots;
  /** Where it stands among the runs of this process, if they wait for each other. */
  readonly place: QueuePlace | undefined;
  /** How the first append makes the run ours: it creates it, or takes it over. */
  readonly own: (append: Append) => Promise<void>;
  /** What the journal had seen of others when this began, or earlier: then it looks once too often, at its end. */
  readonly versionAtFirst: number;
  /** Whether the first append is durable. */
  isOurs: boolean;
  /** The first append was refused, and the journal says that it has nothing of it. */
  isKnownAbsent: boolean;
  /** The run's end is durable. */
  hasEnded: boolean;
  status: DriverStatus;
  /** Only while preflight is under way: aborting one costs 8 µs, for the stack trace of its reason. */
  checking: AbortController | undefined;
  /** Resolves when the work of the last owner has ended. */
  sweeping: Promise<unknown> | undefined;
}

export type DriverStatus =
  | { readonly name: "driving" }
  | ({ readonly name: "stalled" } & Stall)
  /** Nothing more is recorded or begun. */
  | { readonly name: "left"; readonly error: BusbarError };

/** From now on nothing is recorded or begun; the loop ends with the error. */
export function leaveFor(run: DriverState, error: BusbarError): void {
  if (run.status.name === "left") return;
  run.status = { name: "left", error };
  run.inputs.close();
}

/** @throws the error for which the run is left */
export function refuseLeft({ status }: DriverState): void {
  if (status.name === "left") throw status.error;
}
