import type { InvocationPromise, ObjectContext } from "@restatedev/restate-sdk";
import type { DriveInput, StoredHead } from "../../../adapters/restate/wire.ts";
import type { Machine } from "../../../engine/machine.ts";
import type { Answer } from "../../../engine/requests.ts";
import type { Arrivals } from "./arrivals.ts";

/** A run that is being driven here. */
export interface Driven {
  readonly ctx: ObjectContext;
  readonly input: DriveInput;
  readonly machine: Machine;
  readonly arrivals: Arrivals;
  /** What is outstanding, by node. */
  readonly calls: Map<string, Pick<InvocationPromise<unknown>, "invocationId">>;
  head: Omit<StoredHead, "summary" | "lastSeq">;
  /** Of the head's tail, as JSON: UTF-16 units. */
  tailLength: number;
  answers: readonly Answer[];
  /** The latest moment that anything that has arrived tells of: milliseconds since 1970. */
  nowMs: number;
}
