import { randomUUID } from "node:crypto";
import { BusbarError } from "../kernel/errors.ts";
import type { PreflightInput, RunHandle, Runtime } from "../ports/runtime.ts";
import { describeCaller } from "./caller.ts";
import type { Invocation } from "./command.ts";
import { isSet } from "./env.ts";
import { EXIT_CANCELLED, exitCodeOfEnd } from "./exit-codes.ts";
import { type OpenedRuntime, openRuntime } from "./open-runtime.ts";
import type { KnownNode } from "./progress/model.ts";
import { createScreen, type Screen } from "./progress/screen.ts";
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
  const preflight = preflightOf(invocation, screen);
  const opened = await openRuntime(invocation, [screen.onEvents]);
  try {
    const driven = await prepare(opened.runtime);
    await screen.begin(driven.nodes, opened);
    const cancel = createCanceller(invocation, opened, screen);
    try {
      const handle = await driven.begin(opened.runtime, preflight);
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

/** Turns the first signal into a cancel of the run, the second into an end at once. */
function createCanceller({ values, io }: Invocation, { runtime, clock }: OpenedRuntime, screen: Screen) {
  let runId: string | undefined;
  let wanted: string | undefined;
  const ask = (): void => {
    if (runId === undefined || wanted === undefined) return;
    const input = {
      runId,
      kind: "cancel",
      // A container's processes all have the same pid; a key that was used is answered already.
      key: `signal/${randomUUID()}`,
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
