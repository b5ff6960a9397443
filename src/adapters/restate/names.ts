import { createHash } from "node:crypto";

/** What workers serve, as Restate knows it; also what an address of its ingress is made of. */

/** The object of a run: its events, and the drive that adds to them. Its key is the run's id. */
export const RUN_OBJECT = "BusbarRun";
/** Makes attempts, and checks what they need: any worker may take one. */
export const ATTEMPT_SERVICE = "BusbarAttempt";
/** The requests to a run, numbered. Its key is the run's id. */
export const REQUESTS_OBJECT = "BusbarRequests";
/** The run of an idempotency key. */
export const KEY_OBJECT = "BusbarKey";

/** The key of its object: an idempotency key may be any text. */
export const keyOf = (idempotencyKey: string): string => createHash("sha256").update(idempotencyKey).digest("hex");

/** Keys of a run's state. */
export const HEAD = "head";
export const ANSWERS = "answers";
/** Of a run that was deleted: all that is left of it, so that its id means no other run. */
export const DELETED = "deleted";

export const definitionKey = (hash: string): string => `definition/${hash}`;

/** Events that are in the head no more, some kilobytes of them; counted from 0. */
export const pageKey = (page: number): string => `page/${page}`;

/** The signal that brings a request to the drive. */
export const askedSignal = (requestId: number): string => `asked/${requestId}`;

/** Under which workers tell Restate their version, beside each service. */
export const VERSION_METADATA = "busbar-version";

/** The signal that a run which has asked for the so-manieth time may go on. */
export const admittedSignal = (asks: number): string => `admitted/${asks}`;

/** The signal that a newer run is to go on in the place of this one. */
export const DISPLACED_SIGNAL = "displaced";
