import type { RunEvent } from "../engine/events.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Finding } from "../ports/finding.ts";
import type { PreflightInput, RunHandle, Runtime, TerminalEvent } from "../ports/runtime.ts";
import { describeCaller } from "./caller.ts";
import type { Invocation } from "./command.ts";
import { EXIT_CANCELLED, exitCodeOfEnd } from "./exit-codes.ts";
import { type OpenedRuntime, openRuntime } from "./open-runtime.ts";
import { createJsonProgress, createLineProgress } from "./progress/lines.ts";
import { createLogLineProgress } from "./progress/log-lines.ts";
import { createProgressModel, type KnownNode, type ProgressModel } from "./progress/model.ts";
import type { Progress } from "./progress/progress.ts";
import { renderEnd } from "./render/end.ts";
import { renderFinding } from "./render/error.ts";
import { listenForSignals } from "./signals.ts";
import { stateDirSuffix } from "./state-dir.ts";

/** A run that is about to be driven: what `run` and `resume` do differently. */
export interface Driven {
  /** What is known of the nodes before the first event, in file order. */
  readonly nodes: readonly KnownNode[];
  begin(runtime: Runtime, preflight: PreflightInput | undefined): Promise<RunHandle>;
}

/**
 * Opens the runtime, drives one run to its end, and shows it: progress, signals, summary.
 * @returns the exit code
 */
export async function driveRun(
  invocation: Invocation,
  prepare: (runtime: Runtime) => Promise<Driven>,
): Promise<number> {
  const { values, io } = invocation;
  const screen = createScreen(invocation);
  const opened = await openRuntime(invocation, [screen.onEvents]);
  try {
    const driven = await prepare(opened.runtime);
    await screen.begin(driven.nodes, opened);
    const cancel = createCanceller(invocation, opened, screen);
    try {
      const handle = await driven.begin(opened.runtime, preflightOf(invocation, screen));
      cancel.began(handle.runId);
      const end = await handle.ended.catch((thrown: unknown) => {
        throw explain(thrown, handle.runId, stateDirSuffix(values.text("state-dir")));
      });
      screen.end(end);
      return exitCodeOfEnd(end);
    } finally {
      cancel.stop();
      screen.stop();
    }
  } finally {
    await opened.close();
    await io.out.print("");
  }
}

/** What is shown of a run, where, and in which form. */
interface Screen {
  readonly onEvents: (events: readonly RunEvent[]) => void;
  begin(nodes: readonly KnownNode[], opened: Pick<OpenedRuntime, "clock">): Promise<void>;
  onFindings(findings: readonly Finding[]): void;
  /** A line for people, past the table. */
  say(text: string): void;
  end(end: TerminalEvent): void;
  stop(): void;
}

function createScreen({ values, io, secrets }: Invocation): Screen {
  const json = values.flag("json");
  const logLines = values.text("log-format") === "json";
  let model: ProgressModel | undefined;
  let progress: Progress | undefined;
  let now: () => number = () => 0;
  const stop = (): void => progress?.stop();
  return {
    onEvents(events) {
      for (const event of events) model?.apply(event, now());
      progress?.onEvents(events);
    },
    async begin(nodes, { clock }) {
      now = () => clock.monotonic();
      model = createProgressModel(nodes);
      const shown: Progress[] = [];
      if (json) shown.push(createJsonProgress(io.out));
      if (logLines) shown.push(createLogLineProgress(io, secrets));
      else if (!json && io.err.isTerminal && !isSet(io.env("CI"))) {
        // Only a terminal needs to know how wide characters are, which takes longest to load.
        const { createLiveProgress } = await import("./progress/live.ts");
        shown.push(createLiveProgress(io.err, model, clock));
      } else if (!json) shown.push(createLineProgress(io.err));
      progress = {
        onEvents(events) {
          for (const one of shown) one.onEvents(events);
        },
        stop() {
          for (const one of shown) one.stop();
        },
      };
      // Whatever ends the process, the terminal gets its cursor back.
      process.once("exit", stop);
    },
    onFindings(findings) {
      // Errors come with the end of the run; warnings would be lost.
      const warnings = findings.filter((finding) => finding.severity === "warning");
      if (!logLines) io.err.write(warnings.map((finding) => renderFinding(finding, io.err.style)).join(""));
    },
    say(text) {
      if (!logLines) io.err.write(`${text}\n`);
    },
    end(end) {
      stop();
      if (logLines || model === undefined) return;
      const options = { style: io.err.style, suffix: stateDirSuffix(values.text("state-dir")) };
      io.err.write(renderEnd(model, end, options));
    },
    stop,
  };
}

/** Turns the first signal into a cancel of the run, the second into an end at once. */
function createCanceller({ values, io }: Invocation, { runtime, clock }: OpenedRuntime, screen: Screen) {
  let runId: string | undefined;
  let wanted: string | undefined;
  const ask = (): void => {
    if (runId === undefined || wanted === undefined) return;
    const input = {
      runId,
      kind: "cancel",
      key: `signal/${process.pid}`,
      by: describeCaller(),
      reason: wanted,
    } as const;
    // A run that ended first refuses, and needs no cancel any more.
    runtime.request(input).catch((thrown: unknown) => {
      if (!(thrown instanceof BusbarError)) throw thrown;
    });
  };
  const stop = listenForSignals({
    first(signal) {
      wanted = signal;
      screen.say(`${signal}: cancelling, waiting for the calls in flight; once more ends at once`);
      ask();
    },
    second() {
      screen.stop();
      const suffix = stateDirSuffix(values.text("state-dir"));
      if (runId !== undefined) screen.say(`run ${runId} is left as it is. Next: busbar resume ${runId}${suffix}`);
      // The journal holds all that was recorded; nothing is waited for.
      process.exit(EXIT_CANCELLED);
    },
    now: () => clock.monotonic(),
    underNpm: isSet(io.env("npm_lifecycle_event")),
  });
  return {
    began(id: string) {
      runId = id;
      ask();
    },
    stop,
  };
}

function preflightOf({ values }: Invocation, screen: Screen): PreflightInput | undefined {
  if (values.flag("no-preflight")) return undefined;
  return {
    timeoutMs: values.milliseconds("preflight-timeout", 5),
    waitMs: values.milliseconds("wait-for-services", 0),
    onFindings: (findings) => screen.onFindings(findings),
  };
}

/** A run that could not be driven to an end names what continues it. */
function explain(thrown: unknown, runId: string, suffix: string): unknown {
  if (!(thrown instanceof BusbarError)) return thrown;
  const { code, message, details } = thrown;
  return new BusbarError(code, `${message}. Run ${runId} is interrupted: busbar resume ${runId}${suffix}`, {
    cause: thrown,
    ...(details === undefined ? {} : { details }),
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
