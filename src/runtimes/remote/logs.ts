import type { LogFilter, LogLine } from "../../ports/run-logs.ts";
import { followStream } from "./follow.ts";
import { createLogPlace } from "./log-place.ts";
import { type RemoteTools, runPath } from "./tools.ts";

/** How often a run that nobody drives is looked at, for as long as somebody follows it all the same. */
const LOOK_MS = 1_000;

/** What attempts have written; a stream of it that breaks goes on behind the last line that was given. */
export async function* readLogs(tools: RemoteTools, runId: string, filter: LogFilter = {}): AsyncGenerator<LogLine> {
  const { nodeId, attempt, tail, until } = filter;
  const path = `${runPath(tools, runId)}/logs`;
  const place = createLogPlace(tail === undefined, attempt === "latest");
  const isFollowed = until !== undefined;

  async function* read(follow: boolean, signal?: AbortSignal): AsyncGenerator<LogLine> {
    let isGiven: (line: LogLine) => boolean = () => false;
    const messages = followStream(
      tools,
      () => {
        const again = place.hasGiven();
        if (again) isGiven = place.again();
        // By number an attempt is the same when it is read again; what is the last one changes.
        const wanted = again && attempt === "latest" ? undefined : attempt;
        return {
          path,
          query: { node_id: nodeId, attempt: wanted, tail: again ? undefined : tail, follow },
        };
      },
      signal,
      { beats: false },
    );
    for await (const { event, data } of messages) {
      if (event !== "") continue;
      const line: LogLine = JSON.parse(data);
      if (isGiven(line)) continue;
      place.give(line);
      yield line;
    }
  }

  if (!isFollowed) return yield* read(false);
  while (!until.aborted && !tools.connection.closed.aborted) {
    yield* read(true, until);
    // The server has ended it, because nobody drives the run; whoever asked has not.
    if (!until.aborted) await tools.pause(LOOK_MS, until);
  }
  // What was there when it was told to end: the stream may not have brought it yet.
  if (until.aborted && !tools.connection.closed.aborted) yield* read(false);
}
