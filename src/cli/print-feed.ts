import type { ErrorInfo } from "../kernel/errors.ts";
import type { FeedItem } from "../ports/feed.ts";
import type { RunReader } from "../ports/runtime.ts";
import type { Invocation } from "./command.ts";
import { exitCodeOfProblems } from "./exit-codes.ts";
import { createCommandFormatter } from "./format-command.ts";
import { createLinePrinter } from "./line-printer.ts";
import { givenPlaceOf } from "./place.ts";
import { renderError } from "./render/error.ts";
import { createEventLines, type EventLines } from "./render/event-line.ts";

/**
 * Prints the events of all runs, one a line, as `busbar events --all` was asked to.
 * @returns the exit code
 */
export async function printFeed({ values, io }: Invocation, reader: Pick<RunReader, "feed">): Promise<number> {
  const after = values.text("after");
  const json = values.flag("json");
  const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
  const printer = createLinePrinter({
    printData: (text) => (json ? io.out.printData(text) : io.out.print(text)),
  });
  const renderEvent = createFeedLines((): EventLines => createEventLines(io.out.style, { ofAllRuns: true }));
  const damaged: ErrorInfo[] = [];

  const lineOf = (item: FeedItem): string => {
    if (json) return `${JSON.stringify(item)}\n`;
    return item.kind === "event" ? `${renderEvent(item)}\n` : "";
  };
  const say = (item: FeedItem): void => {
    if (item.kind === "damaged") io.err.write(renderError(item.error, io.err.style, { formatCommand }));
    if (item.kind !== "reset") return;
    const what =
      item.reason === "pruned"
        ? "runs were pruned before all of their events were printed"
        : "the events after that cursor are not in this journal; it is printed from its beginning";
    io.err.write(`${what}: what you know of runs may be out of date. Next: ${formatCommand("runs")}\n`);
  };

  const items = reader.feed({
    ...(after === undefined ? {} : { after }),
    follow: values.flag("follow"),
    signal: io.out.broken,
  });
  try {
    for await (const item of items) {
      if (item.kind === "damaged") damaged.push(item.error);
      if (!json) say(item);
      if (!(await printer.print(lineOf(item)))) break;
    }
  } finally {
    await printer.flush();
  }
  if (json) for (const error of damaged) io.err.write(renderError(error, io.err.style, { formatCommand }));
  return exitCodeOfProblems(damaged);
}

/** What one line has told is not taken for told in another run. */
function createFeedLines(createLines: () => EventLines): (item: Extract<FeedItem, { kind: "event" }>) => string {
  let lines = createLines();
  let lastRun: string | undefined;
  return ({ event }) => {
    if (event.run_id !== lastRun) lines = createLines();
    lastRun = event.run_id;
    return lines.render(event);
  };
}
