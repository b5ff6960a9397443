import { BusbarError } from "../../kernel/errors.ts";
import { escapeUnseen } from "../../kernel/text.ts";
import type { LogFilter, LogLine } from "../../ports/run-logs.ts";
import type { NodeView, RunReader, RunView } from "../../ports/runtime.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CANCELLED, EXIT_OK } from "../exit-codes.ts";
import { createCommandFormatter } from "../format-command.ts";
import { createLinePrinter } from "../line-printer.ts";
import { openReaderOf } from "../open-runs.ts";
import { JSON_OPTION, LOGS_DIR_OPTION, PLACE_OPTIONS, RUN_POSITIONAL } from "../options.ts";
import { nearest } from "../parse.ts";
import { givenPlaceOf, logsDirOf, placeOf } from "../place.ts";
import { createLogLineRenderer } from "../render/log-line.ts";
import { explainNoLogs } from "../render/no-logs.ts";
import type { Values } from "../values.ts";

/** Node ids that an error lists. */
const MAX_LISTED = 12;

export const logsCommand: Command = {
  name: "logs",
  summary: "print what the containers of a run have written",
  description:
    "Of one node its lines alone; of several `node | line` for stdout, `node ! line` for stderr, and `node » line` for\n" +
    "what Busbar did, such as the command it made of the node. Of a node that was tried several times the last attempt.\n" +
    "On a terminal control characters are shown, not obeyed. Of much output the beginning and the end are kept.",
  positionals: [
    RUN_POSITIONAL,
    { name: "NODE", about: "one of its nodes (default: all of them, by time)", optional: true },
  ],
  options: [
    { name: "follow", about: "go on as the run does, until it ends" },
    { name: "tail", value: "LINES", about: "begin with the last so many lines (default: all)" },
    { name: "attempt", value: "N", about: "the attempt of that number, or `all` of them (default: the last one)" },
    { name: "timestamps", about: "say when each line was complete" },
    { ...JSON_OPTION, about: "one line a line as JSON, with its node, attempt, stream and time" },
    LOGS_DIR_OPTION,
    ...PLACE_OPTIONS,
  ],
  examples: [
    { command: "busbar logs 20261123T154210-7f3k2q fetch", says: "what one node has written" },
    { command: "busbar logs 20261123T154210-7f3k2q --follow --tail 10", says: "watch all of them" },
  ],
  exitCodes: "0 printed · 2 wrong usage, or no such run or node · 30-39 the journal · 130 Ctrl-C",
  async run(invocation) {
    const { values, io } = invocation;
    const attempt = readAttempt(values);
    const isOfCluster = placeOf(invocation).is === "cluster";
    if (!isOfCluster && values.text("logs-dir") !== undefined) {
      throw new BusbarError("USAGE", "--logs-dir is of a cluster: give --runtime restate too");
    }
    const reader = await openReaderOf(invocation, isOfCluster ? logsDirOf(invocation) : undefined);
    try {
      const runId = await reader.resolve(values.positional(0) ?? "");
      const run = await reader.get(runId);
      const node = values.positional(1) === undefined ? undefined : requireNode(run, values.positional(1) ?? "");
      const filter: LogFilter = {
        ...(node === undefined ? {} : { nodeId: node.id }),
        ...(attempt === undefined ? {} : { attempt }),
        ...(values.text("tail") === undefined ? {} : { tail: values.integer("tail", 0) }),
      };
      const result = await printLogs(invocation, reader, run, filter);
      if (result === "interrupted") return EXIT_CANCELLED;
      if (result === "nothing" && filter.tail !== 0) {
        const now = await reader.get(runId);
        const asked = { node: now.nodes.find(({ id }) => id === node?.id), attempt };
        io.err.write(`${explainNoLogs(now, asked, createCommandFormatter(io, givenPlaceOf(values)))}\n`);
      }
      return EXIT_OK;
    } finally {
      await reader.close();
    }
  },
};

/** @returns undefined for all attempts */
function readAttempt(values: Values): number | "latest" | undefined {
  const text = values.text("attempt");
  if (text === undefined) return "latest";
  if (text === "all") return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new BusbarError("USAGE", `--attempt is a number from 1 on, or all, not "${text}". See \`busbar logs --help\`.`);
}

/** @throws BusbarError USAGE */
function requireNode(run: RunView, id: string): NodeView {
  const node = run.nodes.find((one) => one.id === id);
  if (node !== undefined) return node;
  const ids = run.nodes.map((one) => one.id);
  const meant = nearest(id, ids);
  const more = ids.length > MAX_LISTED ? ` and ${ids.length - MAX_LISTED} more` : "";
  const listed = `Its nodes: ${ids.slice(0, MAX_LISTED).map(escapeUnseen).join(", ")}${more}.`;
  throw new BusbarError(
    "USAGE",
    `run ${run.run_id} has no node "${escapeUnseen(id)}". ${meant === undefined ? listed : `Did you mean "${escapeUnseen(meant)}"?`}`,
  );
}

async function printLogs(
  { values, io }: Invocation,
  reader: RunReader,
  run: RunView,
  filter: LogFilter,
): Promise<"printed" | "nothing" | "interrupted"> {
  const { signal, stopListening } = abortOnSignal(io);
  const interrupted = new Promise<false>((resolve) => {
    signal.addEventListener("abort", () => resolve(false));
  });
  const ending = values.flag("follow") ? followRun(reader, run, AbortSignal.any([signal, io.out.broken])) : undefined;
  const format = formatOf(values, io.out, run, filter);
  const printer = createLinePrinter(io.out);
  let count = 0;
  try {
    const until = ending === undefined ? {} : { until: ending.until };
    for await (const line of reader.logs(run.run_id, { ...filter, ...until })) {
      if (signal.aborted) break;
      count += 1;
      const printed = printer.print(`${format(line)}\n`);
      if (printed !== true && !(await Promise.race([printed, interrupted]))) break;
    }
    await Promise.race([printer.flush(), interrupted]);
    if (signal.aborted) return "interrupted";
    // Throws if the journal could not be read while the run was followed.
    ending?.leave();
    await ending?.ended;
    return count === 0 ? "nothing" : "printed";
  } finally {
    ending?.leave();
    stopListening();
  }
}

/** Follows a run to its end, after which nothing more is written to its logs. */
function followRun(reader: Pick<RunReader, "watch">, run: RunView, stopped: AbortSignal) {
  const over = new AbortController();
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, stopped]);
  const ended = (async () => {
    try {
      for await (const _ of reader.watch(run.run_id, { afterSeq: run.last_seq, signal }));
    } finally {
      over.abort();
    }
  })();
  // It is awaited later; until then a rejection must not count as unhandled.
  ended.catch(() => undefined);
  return { until: over.signal, ended, leave: () => left.abort() };
}

function formatOf(
  values: Values,
  { style, isTerminal }: Invocation["io"]["out"],
  run: RunView,
  { nodeId, attempt }: LogFilter,
): (line: LogLine) => string {
  if (values.flag("json")) return (line) => JSON.stringify(line);
  return createLogLineRenderer({
    nodes: run.nodes.map(({ id }) => id),
    withNode: nodeId === undefined,
    withAttempt: attempt === undefined,
    timestamps: values.flag("timestamps"),
    style,
    isTerminal,
  });
}
