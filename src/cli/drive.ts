import { randomUUID } from "node:crypto";
import { BusbarError } from "../kernel/errors.ts";
import type { PreflightInput, RunHandle, Runtime } from "../ports/runtime.ts";
import { describeCaller } from "./caller.ts";
import type { Invocation } from "./command.ts";
import { isSet } from "./env.ts";
import { EXIT_CANCELLED, exitCodeOfEnd } from "./exit-codes.ts";
import { openRuntime } from "./open-runtime.ts";
import type { KnownNode } from "./progress/model.ts";
import { createScreen, type Screen } from "./progress/screen.ts";
import { listenForSignals } from "./signals.ts";
import { createToType, type ToType } from "./to-type.ts";

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
  // From here on a signal asks for an orderly end, also before there is a run and while it is let go of.
  const cancel = createCanceller(invocation, screen);
  try {
    const opened = await openRuntime(invocation, [screen.onEvents]);
    try {
      const driven = await prepare(opened.runtime);
      await screen.begin(driven.nodes, opened);
      if (cancel.isWanted()) return EXIT_CANCELLED;
      const handle = await driven.begin(opened.runtime, preflight);
      cancel.began(handle.runId, opened.runtime);
      const end = await handle.ended.catch((thrown: unknown) => {
        throw explain(thrown, handle.runId, createToType(io, values.text("state-dir")));
      });
      cancel.ended();
      screen.end(end);
      return exitCodeOfEnd(end);
    } finally {
      screen.stop();
      await opened.close();
      await io.out.print("");
    }
  } finally {
    cancel.stop();
  }
}

/** Turns the first signal into a cancel of the run, the second into an end at once. */
function createCanceller({ values, io }: Invocation, screen: Screen) {
  let run: { readonly id: string; readonly runtime: Runtime } | undefined;
  let wanted: string | undefined;
  let over = false;
  const ask = (): void => {
    if (run === undefined || wanted === undefined) return;
    const input = {
      runId: run.id,
      kind: "cancel",
      // A container's processes all have the same pid; a key that was used is answered already.
      key: `signal/${randomUUID()}`,
      by: describeCaller(),
      reason: wanted,
    } as const;
    // A run that ended first refuses, and needs no cancel any more.
    run.runtime.request(input).catch((thrown: unknown) => {
      if (!(thrown instanceof BusbarError)) throw thrown;
    });
  };
  const stop = listenForSignals({
    first(signal) {
      if (over) return;
      wanted = signal;
      screen.say(`${signal}: cancelling, waiting for the calls in flight; once more ends at once`);
      ask();
    },
    second() {
      screen.stop();
      const toType = createToType(io, values.text("state-dir"));
      if (run !== undefined && !over) {
        screen.say(`run ${run.id} is left as it is. Next: ${toType(`resume ${run.id}`)}`);
      }
      // The journal holds all that was recorded; nothing is waited for.
      process.exit(EXIT_CANCELLED);
    },
    now: () => performance.now(),
    underNpm: isSet(io.env("npm_lifecycle_event")),
  });
  return {
    isWanted: () => wanted !== undefined,
    began(id: string, runtime: Runtime) {
      run = { id, runtime };
      ask();
    },
    /** What a signal says now is too late to change anything but the waiting. */
    ended() {
      over = true;
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
function explain(thrown: unknown, runId: string, toType: ToType): unknown {
  if (!(thrown instanceof BusbarError)) return thrown;
  const { code, message, details } = thrown;
  return new BusbarError(code, `${message}. Run ${runId} is interrupted: ${toType(`resume ${runId}`)}`, {
    cause: thrown,
    ...(details === undefined ? {} : { details }),
  });
}
