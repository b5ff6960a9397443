import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";
import { givenPlaceOf } from "../place.ts";
import { renderRunView } from "../render/run-view.ts";

export const showCommand: Command = {
  name: "show",
  summary: "show one run: nodes, attempts, errors, what to do next",
  positionals: [RUN_POSITIONAL],
  options: [JSON_OPTION, ...PLACE_OPTIONS],
  examples: [
    { command: "busbar show 20261123T154210-7f3k2q", says: "for people" },
    { command: "busbar show 20261123T154210-7f3k2q --json", says: "for programs" },
  ],
  exitCodes: "0 shown · 2 wrong usage, or no such run · 30-39 the journal",
  async run(invocation) {
    const { values, io } = invocation;
    const reader = await openReaderOf(invocation);
    try {
      const runId = await reader.resolve(values.positional(0) ?? "");
      const run = await reader.get(runId);
      if (values.flag("json")) {
        await io.out.printData(`${JSON.stringify(run, undefined, 2)}\n`);
      } else {
        const { columns } = io.out.size();
        const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
        await io.out.print(renderRunView(run, { columns, style: io.out.style, formatCommand }));
      }
      return EXIT_OK;
    } finally {
      await reader.close();
    }
  },
};
