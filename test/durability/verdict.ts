import type { NodeStarted, RunEvent } from "../../src/engine/events.ts";
import { findSends } from "./sends.ts";
import { parseTrace, type SystemCall } from "./strace.ts";
import { followWal } from "./wal.ts";

/** What a trace shows of E8: durable first. */
export interface Verdict {
  /** Calls that left for the service, and those of them that left before their record was durable. */
  readonly sends: number;
  readonly earlySends: readonly string[];
  /** Event lines on stdout, likewise. */
  readonly lines: number;
  readonly earlyLines: readonly string[];
  readonly syncs: number;
}

/**
 * Holds a trace of one process, which ran a run from its beginning to its end,
 * against the history that it left.
 *
 * @param inputFileOf what a node sends as `input_file`; each node another
 */
export function judge(
  trace: string,
  events: readonly RunEvent[],
  port: number,
  inputFileOf: (nodeId: string) => string,
): Verdict {
  const calls = parseTrace(trace);
  const durable = followWal(calls);
  const undurable = (upTo: number, place: number): readonly RunEvent[] =>
    events.filter((event) => event.seq <= upTo && !durable.has(JSON.stringify(event), place));

  const starts = events.filter((event): event is RunEvent & NodeStarted => event.type === "node.started");
  const sends = findSends(calls, port).filter((sent) => sent.inputFile !== undefined);
  const earlySends = starts.flatMap((start) => {
    const tries = sends.filter((sent) => sent.inputFile === inputFileOf(start.node_id));
    const sent = tries[start.attempt - 1];
    if (sent === undefined) return [`attempt ${start.attempt} of ${start.node_id} is recorded, and was never sent`];
    // Its own start, and with that every outcome before it (E1).
    return undurable(start.seq, sent.place)
      .slice(0, 1)
      .map((event) => `attempt ${start.attempt} of ${start.node_id} left before seq ${event.seq} was durable`);
  });

  const lines = linesOf(calls);
  const earlyLines = lines
    .filter(({ text, place }) => !durable.has(text, place))
    .map(({ text }) => `printed before it was durable: ${text}`);
  return { sends: sends.length, earlySends, lines: lines.length, earlyLines, syncs: durable.syncs };
}

/** Lines on stdout, with the place where their first byte was written. */
function linesOf(calls: readonly SystemCall[]): readonly { readonly text: string; readonly place: number }[] {
  const lines: { text: string; place: number }[] = [];
  let open = "";
  let place = 0;
  for (const call of calls.filter((one) => one.fd === 1)) {
    for (const piece of call.data.toString().split(/(?<=\n)/)) {
      if (open === "") place = call.began;
      open += piece;
      if (!open.endsWith("\n")) continue;
      lines.push({ text: open.trimEnd(), place });
      open = "";
    }
  }
  return lines;
}
