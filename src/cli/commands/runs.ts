import { openReader } from "../../app/reader.ts";
import { RUN_STATUSES, type RunStatus } from "../../engine/status.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { Command } from "../command.ts";
import { exitCodeOfProblems } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { JSON_OPTION, STATE_OPTIONS } from "../options.ts";
import { renderError } from "../render/error.ts";
import { renderRuns } from "../render/runs-table.ts";
import { stateOf } from "../state.ts";

export const runsCommand: Command = {
  name: "runs",
  summary: "list runs",
  description:
    "Newest first. A run that nobody drives any more reads `running (interrupted)` and names the command that resumes it.",
  positionals: [],
  options: [
    { name: "interrupted", about: "only unfinished runs whose process is gone" },
    { name: "status", value: "STATUS", choices: RUN_STATUSES, about: "only runs with this status" },
    JSON_OPTION,
    ...STATE_OPTIONS,
  ],
  examples: [
    { command: "busbar runs --interrupted", says: "what a crash left behind" },
    { command: "busbar runs --status failed --json", says: "a JSON list, for a script" },
  ],
  exitCodes:
    "0 listed (also an empty list) · 2 wrong usage · 30-39 the journal, also where only some runs cannot be listed",
  async run(invocation) {
    const { values, io } = invocation;
    const { stateDir, shared } = stateOf(invocation);
    const reader = openReader(stateDir, shared);
    try {
      const status = values.text("status") as RunStatus | undefined;
      const filter: RunFilter = {
        ...(status === undefined ? {} : { status }),
        ...(values.flag("interrupted") ? { interrupted: true } : {}),
      };
      const { runs, damaged } = await reader.list(filter);
      const formatCommand = createCommandFormatter(io, values.text("state-dir"));
      if (values.flag("json")) {
        await io.out.printData(`${JSON.stringify(runs, undefined, 2)}\n`);
      } else if (runs.length === 0) {
        const narrowed = filter.status !== undefined || filter.interrupted === true;
        io.err.write(narrowed ? "no such runs\n" : `no runs in ${stateDir}\n`);
      } else {
        const { columns } = io.out.size();
        await io.out.print(
          renderRuns(runs, {
            columns: io.out.isTerminal ? columns : Number.MAX_SAFE_INTEGER,
            style: io.out.style,
            formatCommand,
          }),
        );
      }
      for (const error of damaged) io.err.write(renderError(error, io.err.style, { formatCommand }));
      return exitCodeOfProblems(damaged);
    } finally {
      await reader.close();
    }
  },
};
