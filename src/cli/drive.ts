import { randomUUID } from "node:crypto";
import { type Busbar, openOwner } from "../app/busbar.ts";
import { describeCaller } from "../app/caller.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { PreflightOptions } from "../ports/executor.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { Invocation } from "./command.ts";
import { isSet } from "./env.ts";
import { EXIT_CANCELLED, exitCodeOfEnd } from "./exit-codes.ts";
import { preflightOf } from "./options.ts";
import type { KnownNode } from "./progress/model.ts";
import { createScreen, type Screen } from "./progress/screen.ts";
import { listenForSignals } from "./signals.ts";
import { describeTrouble, ownerOptionsOf, type State } from "./state.ts";
import { createToType, type ToType } from "./to-type.ts";

/** A run that is being driven. */
export interface BegunRun {
  readonly runId: string;
  /** What was known of the nodes before the first event, in file order. */
  readonly nodes: readonly KnownNode[];
}

/**
 * Opens the runtime, drives one run to its end, and shows it: progress, signals, summary.
 * @param begin starts or resumes the run: what `run` and `resume` do differently
 * @returns the exit code
 */
export async function driveRun(
  invocation: Invocation,
  state: State,
  begin: (busbar: Busbar, preflight: { readonly preflight?: PreflightOptions }) => Promise<BegunRun>,
): Promise<number> {
  const { values, io } = invocation;
  const screen = createScreen(invocation);
  // From here on a signal asks for an orderly end, also before there is a run and while it is let go of.
  const cancel = createCanceller(invocation, screen);
  try {
    const options = {
      ...ownerOptionsOf(invocation, state),
      observers: [screen.onEvents],
      onTrouble: (trouble: unknown) => screen.warn(describeTrouble(trouble)),
    };
    const busbar = await openOwner(options, state.shared);
    try {
      if (cancel.isWanted()) return EXIT_CANCELLED;
      const { runId, nodes } = await begin(
        busbar,
        values.flag("no-preflight") ? {} : { preflight: preflightOf(values) },
      );
      await screen.begin(nodes, state.shared.clock);
      cancel.began(runId, busbar);
      const end = await Promise.race([busbar.wait(runId), cancel.failed]).catch((thrown: unknown) => {
        throw explain(thrown, runId, createToType(io, values.text("state-dir")));
      });
      cancel.ended();
      screen.end(end);
      return exitCodeOfEnd(end);
    } finally {
      screen.stop();
      await busbar.close();
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
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
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
    run.runtime.request(input).catch((thrown: unknown) => {
      // A run that ended first refuses, and needs no cancel any more.
      if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") return;
      failed.reject(thrown);
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
    /** Rejects where the cancel cannot be recorded (a full disk): the run is then left, and its calls end with this process. */
    failed: failed.promise,
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

/** A run that could not be driven to an end names what continues it. */
function explain(thrown: unknown, runId: string, toType: ToType): unknown {
  if (!(thrown instanceof BusbarError)) return thrown;
  const { code, message, details } = thrown;
  return new BusbarError(code, `${message}. Run ${runId} is interrupted: ${toType(`resume ${runId}`)}`, {
    cause: thrown,
    ...(details === undefined ? {} : { details }),
  });
}
