import { type Owner, openOwner } from "../app/busbar.ts";
import { BusbarError, toErrorInfo } from "../kernel/errors.ts";
import { addNextCommand } from "./add-next-command.ts";
import type { BeginRun } from "./begin-run.ts";
import { createSignalCanceller } from "./cancel-on-signal.ts";
import type { Invocation } from "./command.ts";
import { EXIT_CANCELLED, exitCodeOfEnd } from "./exit-codes.ts";
import { createCommandFormatter } from "./format-command.ts";
import { preflightOf } from "./options.ts";
import { givenPlaceOf, placeOf } from "./place.ts";
import { createScreen } from "./progress/screen.ts";
import { describeTrouble, ownerOptionsOf, type State } from "./state.ts";

/**
 * Opens the runtime, drives one run to its end, and shows it: progress, signals, summary. At a server or
 * on a cluster the run is driven there.
 * @returns the exit code
 */
export async function driveRun(invocation: Invocation, state: State, begin: BeginRun): Promise<number> {
  const place = placeOf(invocation);
  if (place.is === "server") {
    const { driveAtServer } = await import("./drive-at-server.ts");
    return driveAtServer(invocation, place.url, state, begin);
  }
  if (place.is === "cluster") {
    const { driveOnCluster } = await import("./drive-on-cluster.ts");
    return driveOnCluster(invocation, place, state, begin);
  }
  const { values, io, handover } = invocation;
  const screen = createScreen(invocation, state.shared.clock);
  // Signals ask for an orderly end from here on: also while the journal is opened, and while it is closed.
  let owner: Owner | undefined;
  const canceller = createSignalCanceller(invocation, screen, (text) => owner?.note("WARNING", text));
  const noteEnd = (thrown: unknown): void => owner?.note("ERROR", describeLastWords(thrown));
  process.on("uncaughtExceptionMonitor", noteEnd);
  try {
    const options = {
      ...ownerOptionsOf(invocation, state),
      observers: [screen.onEvents],
      onTrouble: (trouble: unknown) => screen.warn(describeTrouble(trouble)),
    };
    const busbar = await openOwner(options, state.shared);
    owner = busbar;
    try {
      if (canceller.isAskedBeforeRun()) return EXIT_CANCELLED;
      const { runId, nodes } = await begin(
        busbar,
        values.flag("no-preflight") ? {} : { preflight: preflightOf(values, screen.say) },
      );
      canceller.runBegan(runId, busbar);
      await handover?.complete(runId);
      await screen.begin(nodes);
      const end = await Promise.race([busbar.wait(runId), canceller.failed]).catch((thrown: unknown) => {
        if (values.flag("no-next")) throw thrown;
        throw addNextCommand(thrown, runId, createCommandFormatter(io, givenPlaceOf(values)));
      });
      canceller.runEnded();
      screen.end(end);
      return exitCodeOfEnd(end);
    } catch (thrown) {
      noteEnd(thrown);
      throw thrown;
    } finally {
      screen.stop();
      await busbar.close();
      await io.out.print("");
    }
  } finally {
    process.off("uncaughtExceptionMonitor", noteEnd);
    canceller.stopListening();
  }
}

/** What ended the process, for its log: nobody may listen to it any more. Of a bug also where it was. */
function describeLastWords(thrown: unknown): string {
  const { code, message } = toErrorInfo(thrown);
  const where = thrown instanceof Error && !(thrown instanceof BusbarError) ? `\n${thrown.stack}` : "";
  return `${code} ${message}${where}`;
}
