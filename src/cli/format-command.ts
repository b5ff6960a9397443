import type { Io } from "./io.ts";
import type { GivenPlace } from "./place.ts";
import { quoteArgument } from "./render/quote.ts";

/** A command as a person has to type it here: `resume r1` → `npx busbar resume r1 --state-dir s`. */
export type FormatCommand = (words: string) => string;

/** Commands of a worker, told apart by whether they name other workers. */
const WORKER = /^worker(?: (register))?(?: |$)/;
/** Commands that hold a workflow against a policy. */
const POLICED = /^(?:check|rerun|resume|run|validate)(?: |$)/;
/** Commands that have no --state-dir; those that have it alone; those that have it and no --server. */
const STATELESS = /^(?:check|dummy-server|graph|init|proto|schema|validate)(?: |$)/;
const STATE_ALONE = /^(?:prune|token)(?: |$)/;
const SERVERLESS = /^(?:doctor|serve)(?: |$)/;

export function createCommandFormatter({ env }: Pick<Io, "env">, place: GivenPlace = {}): FormatCommand {
  // npm sets this for what npx and npm scripts call; where it is not set, `busbar` is on the PATH.
  const program = env("npm_command") === undefined ? "busbar" : "npx busbar";
  const remote = place.allowRemoteState === true ? " --allow-remote-state" : "";
  const state = option("state-dir", place.stateDir) + remote;
  const cluster = option("runtime", place.runtime) + option("ingress", place.ingress) + option("admin", place.admin);
  const server = option("server", place.server) + option("token-file", place.tokenFile);
  const policy = option("policy", place.policy);
  const suffixOf = (words: string): string => {
    const worker = WORKER.exec(words);
    if (worker !== null) {
      const advertise = worker[1] === undefined || words.includes(" --advertise ") ? undefined : place.advertise;
      return option("admin", place.workerAdmin ?? place.admin) + option("advertise", advertise);
    }
    if (STATELESS.test(words)) return "";
    if (STATE_ALONE.test(words)) return state;
    return SERVERLESS.test(words) ? `${state}${cluster}` : `${state}${server}${cluster}`;
  };
  return (words) => `${program} ${words}${POLICED.test(words) ? policy : ""}${suffixOf(words)}`;
}

function option(name: string, value: string | undefined): string {
  return value === undefined ? "" : ` --${name} ${quoteArgument(value)}`;
}
