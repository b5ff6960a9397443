import {
  requireBoolean,
  requireEach,
  requireFunction,
  requireIfGiven,
  requireMethods,
  requireObject,
  requireOneOf,
  requireWord,
} from "../kernel/arguments.ts";
import { createSecrets } from "../kernel/secrets.ts";
import { readPolicy } from "../workflow/policy/read-policy.ts";
import { checkArguments } from "./arguments.ts";
import { type Busbar, type BusbarOptions, openOwner } from "./busbar.ts";
import { createShared } from "./shared.ts";

/**
 * Opens a state directory to run workflows in this process.
 *
 * @throws BusbarError USAGE; POLICY_INVALID; JOURNAL_UNWRITABLE, JOURNAL_FULL, JOURNAL_REMOTE, JOURNAL_NEWER, JOURNAL_DAMAGED,
 *   JOURNAL_BUSY, JOURNAL_FAILED
 */
export async function openBusbar(options: BusbarOptions): Promise<Busbar> {
  requireBusbarOptions(options);
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

function requireBusbarOptions(options: BusbarOptions): void {
  requireObject("options", options, "an object {stateDir}");
  requireWord("options.stateDir", options.stateDir, "the path of a directory");
  requireIfGiven("options.allowRemoteState", options.allowRemoteState, requireBoolean);
  requireIfGiven("options.env", options.env, requireFunction);
  requireIfGiven("options.policy", options.policy, requireObject);
  requireIfGiven("options.executors", options.executors, requireObject);
  for (const [kind, executor] of Object.entries(options.executors ?? {})) {
    requireMethods(`options.executors.${kind}`, executor, ["execute"]);
  }
  requireIfGiven("options.observers", options.observers, (at, value) =>
    requireEach(at, value, (item) => typeof item === "function", "a function"),
  );
  requireIfGiven("options.onStall", options.onStall, (at, value) => requireOneOf(at, value, ["retry", "reject"]));
  requireIfGiven("options.onTrouble", options.onTrouble, requireFunction);
  requireIfGiven("options.logDir", options.logDir, requireWord);
  requireIfGiven("options.nodeName", options.nodeName, requireWord);
}
