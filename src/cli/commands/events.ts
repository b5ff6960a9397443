import type { RunEvent } from "../../engine/events.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";
import { printFeed } from "../print-feed.ts";
import { createEventLines } from "../render/event-line.ts";

/** Written at once: large enough to be quick, small enough to notice soon that the reader has gone. */
const BATCH = 500;

export const eventsCommand: Command = {
  name: "events",
  summary: "print everything that was recorded of a run, or of all",
  description:
    "One line an event, in the order in which they were recorded. With --all and --json a line is an object with a\n" +
    "`kind`: an `event` with its `cursor`, which --after takes to go on behind it; `reset`, where events were deleted\n" +
    "before they were printed, or are not those of the cursor any more, so that what you know of runs may be out of\n" +
    "date; `damaged`, in the place of an event that cannot be read.",
  positionals: [{ ...RUN_POSITIONAL, optional: true }],
  options: [
    { name: "all", about: "of all runs, instead of one" },
    { ...JSON_OPTION, about: "one event a line, as JSON" },
    {
      name: "after",
      value: "SEQ|CURSOR",
      about: "only events after this number of the run (default: 0); with --all after this cursor, or `now`",
    },
    { name: "follow", about: "go on as the run does, until it ends; with --all until Ctrl-C" },
    ...PLACE_OPTIONS,
  ],
  examples: [
    { command: "busbar events 20261123T154210-7f3k2q --json | head", says: "the first events as JSON" },
    { command: "busbar events 20261123T154210-7f3k2q --follow", says: "watch a run that another process drives" },
    { command: "busbar events --all --follow --after now", says: "what happens from now on, in all runs" },
  ],
  exitCodes:
    "0 printed · 2 wrong usage, or no such run · 30-39 the journal, also where only some events cannot be read",
  async run(invocation) {
    const { values, io } = invocation;
    const name = values.positional(0);
    if ((name === undefined) !== values.flag("all")) {
      throw new BusbarError("USAGE", "say which run, or --all, and not both. See `busbar events --help`.");
    }
    const json = values.flag("json");
    const { render } = createEventLines(io.out.style);
    const print = (events: readonly RunEvent[]): Promise<boolean> =>
      json
        ? io.out.printData(events.map((event) => `${JSON.stringify(event)}\n`).join(""))
        : io.out.print(events.map((event) => `${render(event)}\n`).join(""));
    const reader = await openReaderOf(invocation);
    try {
      if (name === undefined) return await printFeed(invocation, reader);
      const afterSeq = values.integer("after", 0);
      const runId = await reader.resolve(name);
      if (values.flag("follow")) {
        for await (const event of reader.watch(runId, { afterSeq, signal: io.out.broken })) {
          if (!(await print([event]))) break;
        }
        return EXIT_OK;
      }
      for (let last = afterSeq; ; ) {
        const page = await reader.events(runId, last, BATCH);
        if (!(await print(page)) || page.length < BATCH) return EXIT_OK;
        last += page.length;
      }
    } finally {
      await reader.close();
    }
  },
};
