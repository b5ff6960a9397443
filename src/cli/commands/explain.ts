import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";
import { givenPlaceOf } from "../place.ts";
import { renderExplanation } from "../render/explanation.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "say why a run stands where it stands",
  description:
    "For every node that has not settled what it waits for (a node before it, a limit, a slot of a service, a retry, the\n" +
    "preflight, an owner that is gone), what began a failure, why nodes were called again, and what to type next. The\n" +
    "JSON is also part of `busbar show --json`.",
  positionals: [RUN_POSITIONAL],
  options: [JSON_OPTION, ...PLACE_OPTIONS],
  examples: [
    { command: "busbar explain 20261123T154210-7f3k2q", says: "for people" },
    { command: "busbar explain 20261123T154210-7f3k2q --json", says: "for programs" },
  ],
  exitCodes: "0 explained · 2 wrong usage, or no such run · 30-39 the journal",
  async run(invocation) {
    const { values, io } = invocation;
    const reader = await openReaderOf(invocation);
    try {
      const run = await reader.get(await reader.resolve(values.positional(0) ?? ""));
      if (values.flag("json")) {
        await io.out.printData(`${JSON.stringify(run.explanation, undefined, 2)}\n`);
      } else {
        const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
        const { style } = io.out;
        await io.out.print(renderExplanation(run, { columns: io.out.size().columns, style, formatCommand }));
      }
      return EXIT_OK;
    } finally {
      await reader.close();
    }
  },
};
