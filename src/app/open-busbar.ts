import {
  type FieldChecks,
  optional,
  requireBoolean,
  requireEach,
  requireFields,
  requireFunction,
  requireObject,
  requireOneOf,
  requireWord,
} from "../kernel/arguments.ts";
import { createSecrets } from "../kernel/secrets.ts";
import { readPolicy } from "../workflow/policy/read-policy.ts";
import { checkArguments, requireExecutors } from "./arguments.ts";
import { type Busbar, type BusbarOptions, openOwner } from "./busbar.ts";
import { createShared } from "./shared.ts";

/**
 * Opens a state directory to run workflows in this process.
 *
 * @throws BusbarError USAGE; POLICY_INVALID; JOURNAL_UNWRITABLE, JOURNAL_FULL, JOURNAL_REMOTE, JOURNAL_NEWER, JOURNAL_DAMAGED,
 *   JOURNAL_BUSY, JOURNAL_FAILED
 */
export async function openBusbar(options: BusbarOptions): Promise<Busbar> {
  requireFields("options", options, OPTIONS, "an object {stateDir}");
  const { env = (name) => process.env[name], policy, ...rest } = options;
  const host = policy === undefined ? undefined : readPolicy(policy, "options.policy");
  const {
    note: _1,
    deleteRun: _2,
    prune: _3,
    letGo: _4,
    readOutcomes: _5,
    queueFacts: _6,
    holdQueue: _7,
    tokens: _8,
    audit: _9,
    countRuns: _10,
    ...busbar
  } = await openOwner({ ...rest, origin: "library" }, createShared(createSecrets(env), host));
  return checkArguments(busbar);
}

const OPTIONS: FieldChecks<BusbarOptions> = {
  stateDir: (name, value) => requireWord(name, value, "the path of a directory"),
  allowRemoteState: optional(requireBoolean),
  env: optional(requireFunction),
  policy: optional(requireObject),
  executors: optional(requireExecutors),
  observers: optional((name, value) => requireEach(name, value, (item) => typeof item === "function", "a function")),
  onStall: optional((name, value) => requireOneOf(name, value, ["retry", "reject"])),
  onTrouble: optional(requireFunction),
  logDir: optional(requireWord),
  nodeName: optional(requireWord),
};
