import { RUN_STATUSES, type RunStatus } from "../../engine/status.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { Command } from "../command.ts";
import { exitCodeOfProblems } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, PLACE_OPTIONS } from "../options.ts";
import { describePlace, givenPlaceOf, placeOf } from "../place.ts";
import { renderError } from "../render/error.ts";
import { quoteArgument } from "../render/quote.ts";
import { renderRuns } from "../render/runs-table.ts";
import { stateOf } from "../state.ts";
import { parseTimeOrAge } from "../times.ts";
import type { Values } from "../values.ts";

/** Runs that are listed where nobody says how many. */
const DEFAULT_LIMIT = 20;

export const runsCommand: Command = {
  name: "runs",
  summary: "list runs",
  description:
    "Newest first, each line with the run's id at its beginning. A run that nobody drives any more reads\n" +
    "`running (interrupted)` and names the command that resumes it.",
  positionals: [],
  options: [
    { name: "limit", value: "N", about: "how many at most (default: 20; with --json all)" },
    { name: "workflow", value: "NAME", about: "only runs of the workflow of that name" },
    {
      name: "since",
      value: "TIME",
      about: "only runs created since then: 2026-11-23, 2026-11-23T15:04Z, or 12h or 30d ago",
    },
    { name: "status", value: "STATUS", choices: RUN_STATUSES, about: "only runs with this status" },
    { name: "interrupted", about: "only unfinished runs whose process is gone" },
    { name: "before", value: "CURSOR", about: "go on where an earlier list ended, which says the cursor" },
    JSON_OPTION,
    ...PLACE_OPTIONS,
  ],
  examples: [
    { command: "busbar runs --interrupted", says: "what a crash left behind" },
    { command: "busbar runs --status failed --since 7d", says: "what went wrong in the last week" },
    { command: "busbar runs --status failed --json", says: "a JSON list, for a script" },
  ],
  exitCodes:
    "0 listed (also an empty list) · 2 wrong usage · 30-39 the journal, also where only some runs cannot be listed",
  async run(invocation) {
    const { values, io } = invocation;
    const { stateDir, shared } = stateOf(invocation);
    const place = placeOf(invocation);
    const filter = filterOf(values, shared.clock.now());
    const reader = await openReaderOf(invocation);
    try {
      const { runs, damaged, next } = await reader.list(filter);
      const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
      if (values.flag("json")) {
        await io.out.printData(`${JSON.stringify(runs, undefined, 2)}\n`);
      } else if (runs.length === 0) {
        const { limit: _, ...narrowed } = filter;
        // An empty page (`--limit 0`) before others is not all that there is.
        if (next === undefined)
          io.err.write(
            Object.keys(narrowed).length > 0 ? "no such runs\n" : `no runs ${describePlace(place, stateDir)}\n`,
          );
      } else {
        const { columns } = io.out.size();
        await io.out.print(renderRuns(runs, { columns, style: io.out.style, formatCommand }));
      }
      if (next !== undefined) io.err.write(`there are more: ${formatCommand(`runs${againOf(values, next)}`)}\n`);
      for (const error of damaged) io.err.write(renderError(error, io.err.style, { formatCommand }));
      return exitCodeOfProblems(damaged);
    } finally {
      await reader.close();
    }
  },
};

function filterOf(values: Values, nowMs: number): RunFilter {
  const status = values.text("status") as RunStatus | undefined;
  const workflow = values.text("workflow");
  const since = values.text("since");
  const before = values.text("before");
  const isLimited = values.text("limit") !== undefined || !values.flag("json");
  return {
    ...(status === undefined ? {} : { status }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(values.flag("interrupted") ? { interrupted: true } : {}),
    ...(since === undefined ? {} : { since: timestampOf(parseTimeOrAge("since", since, nowMs)) }),
    ...(before === undefined ? {} : { before }),
    ...(isLimited ? { limit: values.integer("limit", DEFAULT_LIMIT) } : {}),
  };
}

/** The same options once more, from the cursor on. */
function againOf(values: Values, next: string): string {
  const given = ["limit", "workflow", "since", "status"].flatMap((name) => {
    const value = values.text(name);
    return value === undefined ? [] : [`--${name} ${quoteArgument(value)}`];
  });
  const flags = ["interrupted", "json"].filter((name) => values.flag(name)).map((name) => `--${name}`);
  return ["", ...given, ...flags, `--before ${next}`].join(" ");
}
