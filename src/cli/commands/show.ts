import { openReader } from "../../app/reader.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { JSON_OPTION, RUN_POSITIONAL, STATE_OPTIONS } from "../options.ts";
import { renderRunView } from "../render/run-view.ts";
import { stateOf } from "../state.ts";

export const showCommand: Command = {
  name: "show",
  summary: "show one run: nodes, attempts, errors, what to do next",
  positionals: [RUN_POSITIONAL],
  options: [JSON_OPTION, ...STATE_OPTIONS],
  examples: [
    { command: "busbar show 20261123T154210-7f3k2q", says: "for people" },
    { command: "busbar show 20261123T154210-7f3k2q --json", says: "for programs" },
  ],
  exitCodes: "0 shown · 2 wrong usage, or no such run · 30-39 the journal",
  async run(invocation) {
    const { values, io } = invocation;
    const { stateDir, shared } = stateOf(invocation);
    const reader = openReader(stateDir, shared);
    try {
      const runId = await reader.resolve(values.positional(0) ?? "");
      const run = await reader.get(runId);
      if (values.flag("json")) {
        await io.out.printData(`${JSON.stringify(run, undefined, 2)}\n`);
      } else {
        const { columns } = io.out.size();
        const formatCommand = createCommandFormatter(io, values.text("state-dir"));
        await io.out.print(renderRunView(run, { columns, style: io.out.style, formatCommand }));
      }
      return EXIT_OK;
    } finally {
      await reader.close();
    }
  },
};
