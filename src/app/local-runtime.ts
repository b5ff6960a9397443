import {
  type FieldChecks,
  optional,
  requireClock,
  requireEach,
  requireFields,
  requireFunction,
  requireMethods,
  requireOneOf,
  requireSecrets,
  requireText,
  requireWhole,
} from "../kernel/arguments.ts";
import { RUN_ORIGINS } from "../ports/run-facts.ts";
import {
  createLocalRuntime as createUnchecked,
  type LocalRuntime,
  type LocalRuntimeOptions,
} from "../runtimes/local/runtime.ts";
import { requirePolicy } from "../workflow/policy/require-policy.ts";
import { checkControlArguments, checkReaderArguments, requireExecutors } from "./arguments.ts";

const QUEUE: FieldChecks<NonNullable<LocalRuntimeOptions["queue"]>> = {
  maxRuns: (name, value) => requireWhole(name, value, 1),
};

const OPTIONS: FieldChecks<LocalRuntimeOptions> = {
  journal: (name, value) => requireMethods(name, value, ["create", "append", "takeOver", "readRun", "readEvents"]),
  executors: requireExecutors,
  clock: requireClock,
  random: (name, value) => requireMethods(name, value, ["next"]),
  ids: (name, value) => requireMethods(name, value, ["runId"]),
  secrets: requireSecrets,
  busbarVersion: requireText,
  readDefinition: requireFunction,
  policy: optional(requirePolicy),
  origin: optional((name, value) => requireOneOf(name, value, RUN_ORIGINS)),
  queue: optional((name, value) => requireFields(name, value, QUEUE, "an object {maxRuns}")),
  observers: optional((name, value) => requireEach(name, value, (item) => typeof item === "function", "a function")),
  onDrive: optional(requireFunction),
  logs: optional((name, value) => requireMethods(name, value, ["open", "read"])),
  onStall: optional((name, value) => requireOneOf(name, value, ["retry", "reject"])),
  onTrouble: optional(requireFunction),
};

/**
 * Drives runs in this process over an embedded journal, for programs that put the parts together themselves. The
 * journal and the executors stay the caller's to close.
 * @throws BusbarError USAGE
 */
export function createLocalRuntime(options: LocalRuntimeOptions): LocalRuntime {
  requireFields("options", options, OPTIONS, "an object {journal, executors, clock, random, ids, secrets, …}");
  const runtime = createUnchecked(options);
  return { ...runtime, ...checkReaderArguments(runtime), ...checkControlArguments(runtime) };
}
