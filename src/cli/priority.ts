import { BusbarError } from "../kernel/errors.ts";
import { MAX_PRIORITY, MIN_PRIORITY } from "../ports/run-facts.ts";
import type { Invocation, Option } from "./command.ts";
import { serverOf } from "./place.ts";

/** Every command that makes a run. */
export const PRIORITY_OPTION: Option = {
  name: "priority",
  value: "N",
  about: `at a server: of the runs that wait for their turn the higher goes first, ${MIN_PRIORITY} to ${MAX_PRIORITY} (default: 0)`,
};

/**
 * What PRIORITY_OPTION says, for whoever starts the run.
 * @throws BusbarError USAGE
 */
export function readPriority(invocation: Invocation): { readonly priority?: number } {
  const text = invocation.values.text("priority");
  if (text === undefined) return {};
  if (serverOf(invocation) === undefined) {
    throw new BusbarError("USAGE", "--priority is for runs of a server, which wait for their turn: give --server too");
  }
  const priority = Number(text);
  if (/^-?\d{1,3}$/.test(text) && priority >= MIN_PRIORITY && priority <= MAX_PRIORITY) return { priority };
  throw new BusbarError("USAGE", `--priority is a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}, not "${text}"`);
}
