import { type PrunedRun, type PruneOptions, pruneStateDir } from "../../app/prune.ts";
import { hasRuns } from "../../app/reader.ts";
import { formatBytes } from "../../kernel/bytes.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { Command } from "../command.ts";
import { exitCodeOfProblems } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { JSON_OPTION, STATE_OPTIONS } from "../options.ts";
import { givenStateOf } from "../place.ts";
import { renderError } from "../render/error.ts";
import { stateOf } from "../state.ts";
import { parseBytes, parseDuration } from "../times.ts";
import type { Values } from "../values.ts";

export const pruneCommand: Command = {
  name: "prune",
  summary: "delete runs that have ended, with their logs",
  description:
    "A run goes if any of the options says so. Runs that have not ended stay, whether somebody drives them or not. The\n" +
    "id of a run that is gone is never used again. Other processes can go on with their runs meanwhile.",
  positionals: [],
  options: [
    { name: "older-than", value: "DURATION", about: "runs that ended longer ago: 12h, 30d, 8w" },
    { name: "keep", value: "N", about: "all but the newest N of the runs that have ended" },
    { name: "max-bytes", value: "BYTES", about: "the oldest, until all runs and logs take at most that: 500MB, 2GiB" },
    { name: "dry-run", about: "say what would go, and delete nothing" },
    JSON_OPTION,
    ...STATE_OPTIONS,
  ],
  examples: [
    { command: "busbar prune --older-than 30d --dry-run", says: "what would go" },
    { command: "busbar prune --keep 1000 --max-bytes 2GB", says: "a bound for runs that come every minute" },
  ],
  exitCodes: "0 done (also where nothing went) · 2 wrong usage · 30-39 the journal, also where a damaged run stays",
  async run(invocation) {
    const { values, io } = invocation;
    const options = optionsOf(values);
    const { stateDir, allowRemoteState, shared } = stateOf(invocation);
    const formatCommand = createCommandFormatter(io, givenStateOf(values));
    const damaged: ErrorInfo[] = [];
    const pruned: PrunedRun[] = [];
    const note = (error: ErrorInfo): void => {
      if (!damaged.some(({ message }) => message === error.message)) damaged.push(error);
    };
    if (hasRuns(stateDir)) {
      const input = { ...options, stateDir, allowRemoteState, onDamage: note };
      for await (const run of pruneStateDir(input, shared)) {
        pruned.push(run);
        if (!values.flag("json")) await io.out.print(`${run.run_id}  ${formatBytes(run.bytes)}\n`);
      }
    }
    const bytes = pruned.reduce((sum, run) => sum + run.bytes, 0);
    if (values.flag("json")) await io.out.printData(`${JSON.stringify({ runs: pruned, bytes }, undefined, 2)}\n`);
    const count = `${pruned.length} run${pruned.length === 1 ? "" : "s"}`;
    io.err.write(`${options.dryRun ? `${count} would go` : `${count} pruned`}, ${formatBytes(bytes)}\n`);
    for (const error of damaged) io.err.write(renderError(error, io.err.style, { formatCommand }));
    return exitCodeOfProblems(damaged);
  },
};

/** @throws BusbarError USAGE */
function optionsOf(values: Values): PruneOptions {
  const [olderThan, keep, maxBytes] = ["older-than", "keep", "max-bytes"].map((name) => values.text(name));
  if (olderThan === undefined && keep === undefined && maxBytes === undefined) {
    const message =
      "which runs may go? --older-than 30d, --keep N or --max-bytes BYTES say it. See `busbar prune --help`.";
    throw new BusbarError("USAGE", message);
  }
  return {
    ...(olderThan === undefined ? {} : { olderThanMs: parseDuration("older-than", olderThan) }),
    ...(keep === undefined ? {} : { keep: values.integer("keep", 0) }),
    ...(maxBytes === undefined ? {} : { maxBytes: parseBytes("max-bytes", maxBytes) }),
    dryRun: values.flag("dry-run"),
  };
}
