import { openReader } from "../../app/reader.ts";
import type { RunEvent } from "../../engine/events.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { JSON_OPTION, RUN_POSITIONAL, STATE_OPTIONS } from "../options.ts";
import { createEventLines } from "../render/event-line.ts";
import { stateOf } from "../state.ts";

/** Written at once: large enough to be quick, small enough to notice soon that the reader has gone. */
const BATCH = 500;

export const eventsCommand: Command = {
  name: "events",
  summary: "print everything that was recorded of a run",
  description: "One line an event, in the order in which they were recorded.",
  positionals: [RUN_POSITIONAL],
  options: [
    { ...JSON_OPTION, about: "one event a line, as JSON" },
    { name: "after", value: "SEQ", about: "only events after this number (default: 0)" },
    { name: "follow", about: "go on as the run does, until it ends" },
    ...STATE_OPTIONS,
  ],
  examples: [
    { command: "busbar events 20261123T154210-7f3k2q --json | head", says: "the first events as JSON" },
    { command: "busbar events 20261123T154210-7f3k2q --follow", says: "watch a run that another process drives" },
  ],
  exitCodes: "0 printed · 2 wrong usage, or no such run · 30-39 the journal",
  async run(invocation) {
    const { values, io } = invocation;
    const json = values.flag("json");
    const afterSeq = values.integer("after", 0);
    const { render } = createEventLines(io.out.style);
    const print = (events: readonly RunEvent[]): Promise<boolean> =>
      json
        ? io.out.printData(events.map((event) => `${JSON.stringify(event)}\n`).join(""))
        : io.out.print(events.map((event) => `${render(event)}\n`).join(""));
    const { stateDir, shared } = stateOf(invocation);
    const reader = openReader(stateDir, shared);
    try {
      const runId = await reader.resolve(values.positional(0) ?? "");
      if (values.flag("follow")) {
        for await (const event of reader.watch(runId, { afterSeq, signal: io.out.broken })) {
          if (!(await print([event]))) break;
        }
        return EXIT_OK;
      }
      const events = await reader.events(runId, afterSeq);
      for (let from = 0; from < events.length; from += BATCH) {
        if (!(await print(events.slice(from, from + BATCH)))) break;
      }
      return EXIT_OK;
    } finally {
      await reader.close();
    }
  },
};
