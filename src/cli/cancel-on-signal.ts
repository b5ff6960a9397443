import { randomUUID } from "node:crypto";
import { describeCaller } from "../app/caller.ts";
import { BusbarError } from "../kernel/errors.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { Invocation } from "./command.ts";
import { EXIT_CANCELLED } from "./exit-codes.ts";
import { createCommandFormatter } from "./format-command.ts";
import { givenPlaceOf } from "./place.ts";
import type { Screen } from "./progress/screen.ts";
import { listenForSignals } from "./signals.ts";

/** The first signal cancels the run, the second ends the process at once. */
export interface SignalCanceller {
  /** Whether a signal came before there was a run to cancel. */
  isAskedBeforeRun(): boolean;
  runBegan(runId: string, runtime: Pick<Runtime, "request">): void;
  /** After this the first signal changes nothing: the process is about to end. */
  runEnded(): void;
  /** Rejects where the cancel cannot be recorded (a full disk): the run is then left, and its calls end with the process. */
  readonly failed: Promise<never>;
  stopListening(): void;
}

type State =
  | { readonly is: "before the run" }
  | { readonly is: "asked before the run"; readonly signal: string }
  | { readonly is: "running"; readonly runId: string; readonly runtime: Pick<Runtime, "request"> }
  | { readonly is: "cancelling"; readonly runId: string }
  | { readonly is: "ended" };

/** What becomes of a run whose command ends at once, and the command to look after it. */
interface Left {
  readonly how: string;
  readonly next: string;
}

/** @param note writes a line to the log of the process, once there is one */
export function createSignalCanceller(
  { values, io }: Invocation,
  screen: Screen,
  note: (text: string) => void,
  left: Left = { how: "is left as it is", next: "resume" },
): SignalCanceller {
  let state: State = { is: "before the run" };
  const failed = Promise.withResolvers<never>();
  // It is awaited only once there is a run; until then a rejection must not count as unhandled.
  failed.promise.catch(() => undefined);

  function cancel(runId: string, runtime: Pick<Runtime, "request">, signal: string): State {
    requestCancel(runId, runtime, signal).catch(failed.reject);
    return { is: "cancelling", runId };
  }

  const stopListening = listenForSignals(io, {
    first(signal) {
      if (state.is === "ended") return;
      screen.say(`${signal}: cancelling, waiting for the calls in flight; once more ends at once`);
      if (state.is === "running") state = cancel(state.runId, state.runtime, signal);
      else state = { is: "asked before the run", signal };
    },
    second() {
      screen.stop();
      if (state.is === "running" || state.is === "cancelling") {
        const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
        const next = values.flag("no-next") ? "" : `. Next: ${formatCommand(`${left.next} ${state.runId}`)}`;
        screen.say(`run ${state.runId} ${left.how}${next}`);
      }
      // The journal holds all that was recorded; nothing is waited for.
      process.exit(EXIT_CANCELLED);
    },
    ignored(signal) {
      const text = `${signal}: ignored, because the process was not started at a terminal`;
      screen.say(text);
      note(text);
    },
  });

  return {
    isAskedBeforeRun: () => state.is === "asked before the run",
    runBegan(runId, runtime) {
      if (state.is === "asked before the run") state = cancel(runId, runtime, state.signal);
      else state = { is: "running", runId, runtime };
    },
    runEnded() {
      state = { is: "ended" };
    },
    failed: failed.promise,
    stopListening,
  };
}

async function requestCancel(runId: string, runtime: Pick<Runtime, "request">, signal: string): Promise<void> {
  try {
    // The key is random: a pid would not do, because the processes of all containers have the same ones, and a
    // request under a key that was used before counts as answered.
    const key = `signal/${randomUUID()}`;
    await runtime.request({ runId, kind: "cancel", key, by: describeCaller(), reason: signal });
  } catch (thrown) {
    // A run that has ended meanwhile needs no cancel.
    if (thrown instanceof BusbarError && thrown.code === "RUN_ALREADY_ENDED") return;
    throw thrown;
  }
}
