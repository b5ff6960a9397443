import type { AnswerName } from "./contract.ts";
import type { Ask, World } from "./world.ts";

/** How to get one answer of an operation: what to ask, once what is needed for it is there. */
export type Case = (world: World) => Ask | Promise<Ask>;

/**
 * Answers of operations that do not follow from the description alone (derived-cases.ts). They are asked for in this order,
 * of one server, which keeps what was done.
 */
export interface Cases {
  readonly [operationId: string]: readonly (readonly [answer: AnswerName | number, prepare: Case])[];
}
