import type { RunEvent } from "../../engine/events.ts";
import type { Finding } from "../../engine/finding.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { TerminalEvent } from "../../ports/runtime.ts";
import type { Invocation } from "../command.ts";
import { isSet } from "../env.ts";
import { createCommandFormatter } from "../format-command.ts";
import { givenPlaceOf } from "../place.ts";
import { renderEnd } from "../render/end.ts";
import { renderFinding } from "../render/error.ts";
import { createJsonProgress, createLineProgress } from "./lines.ts";
import { createLogLineProgress } from "./log-lines.ts";
import { createProgressModel, type InitialNode, type ProgressModel } from "./model.ts";
import type { Progress } from "./progress.ts";

/** All that `run`, `resume` and `watch` show of a run: which forms of progress, and what is said beside them. */
export interface Screen {
  /** @param atMs when they happened, monotonic; now, if it is left out */
  readonly onEvents: (events: readonly RunEvent[], atMs?: number) => void;
  /** Nothing is shown before it; events that have come already are shown then. */
  begin(nodes: readonly InitialNode[]): Promise<void>;
  /** A line for people, printed above the table where there is one; left out where stderr holds JSON lines. */
  say(text: string): void;
  /** As `say`, but never left out: something went wrong. */
  warn(text: string): void;
  end(end: TerminalEvent): void;
  stop(): void;
}

type State =
  | { readonly is: "not begun"; readonly received: ReceivedEvents[] }
  | { readonly is: "showing"; readonly model: ProgressModel; readonly progress: readonly Progress[] };

interface ReceivedEvents {
  readonly events: readonly RunEvent[];
  /** Monotonic. */
  readonly atMs: number;
}

export function createScreen(invocation: Invocation, clock: Clock): Screen {
  const { values, io } = invocation;
  let state: State = { is: "not begun", received: [] };

  function onEvents(events: readonly RunEvent[], atMs = clock.monotonic()): void {
    const received = { events, atMs };
    if (state.is === "not begun") state.received.push(received);
    else show(state.model, state.progress, received);
  }
  function show(model: ProgressModel, progress: readonly Progress[], { events, atMs }: ReceivedEvents): void {
    for (const event of events) model.apply(event, atMs);
    for (const one of progress) one.onEvents(events);
    for (const event of events) {
      if (event.type === "run.checked") showWarnings(event.findings);
      if (event.type === "run.paused") sayPaused(event.run_id);
    }
  }
  /** Where preflight found an error, all findings are shown at the end of the run. */
  function showWarnings(findings: readonly Finding[]): void {
    if (findings.some(({ severity }) => severity === "error")) return;
    for (const finding of findings) say(renderFinding(finding, io.err.style).trimEnd());
  }
  /** The run stays, for as long as it takes; whoever looks at it is to know why nothing happens. */
  function sayPaused(runId: string): void {
    const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
    const until = values.flag("no-next") ? "it is unpaused" : formatCommand(`unpause ${runId}`);
    say(`run ${runId} paused: nothing more starts until ${until}`);
  }
  function say(text: string): void {
    if (!hasLogLines(invocation)) warn(text);
  }
  function warn(text: string): void {
    const table = state.is === "showing" ? state.progress.find((one) => one.say !== undefined) : undefined;
    if (table?.say === undefined) io.err.write(`${text}\n`);
    else table.say(text);
  }
  function stop(): void {
    process.off("exit", stop);
    if (state.is === "showing") for (const one of state.progress) one.stop();
  }

  return {
    onEvents,
    async begin(nodes) {
      const model = createProgressModel(nodes);
      const progress = await createProgress(invocation, model, clock);
      const received = state.is === "not begun" ? state.received : [];
      state = { is: "showing", model, progress };
      // Whatever ends the process, the terminal gets its cursor back.
      process.once("exit", stop);
      for (const one of received) show(model, progress, one);
    },
    say,
    warn,
    end(end) {
      stop();
      if (hasLogLines(invocation) || state.is === "not begun") return;
      const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
      const next = !values.flag("no-next");
      const { model, progress } = state;
      const isTold = (nodeId: string, error: ErrorInfo) =>
        progress.some((one) => one.hasTold?.(nodeId, error) === true);
      io.err.write(renderEnd(model, end, { style: io.err.style, formatCommand, next, isTold }));
    },
    stop,
  };
}

/** The forms in which a run is shown: events as JSON on stdout, and on stderr log lines, a table or lines for people. */
async function createProgress(
  invocation: Invocation,
  model: ProgressModel,
  clock: Clock,
): Promise<readonly Progress[]> {
  const { values, io, secrets } = invocation;
  const json = values.flag("json");
  const onStdout = json ? [createJsonProgress(io.out)] : [];
  if (hasLogLines(invocation)) return [...onStdout, createLogLineProgress(io, secrets)];
  if (json) return onStdout;
  if (!io.err.isTerminal || isSet(io.env("CI"))) return [createLineProgress(io.err)];
  // Only a terminal needs the table of character widths, which is slow to load.
  const { createLiveProgress } = await import("./live.ts");
  return [createLiveProgress(io.err, model, clock)];
}

function hasLogLines({ values }: Invocation): boolean {
  return values.text("log-format") === "json";
}
