import type { OpenRemote } from "../app/remote.ts";
import { isTerminalEvent } from "../engine/events.ts";
import { BusbarError } from "../kernel/errors.ts";
import { asSentence } from "../kernel/sentences.ts";
import type { Runtime, TerminalEvent } from "../ports/runtime.ts";
import { addNextCommand } from "./add-next-command.ts";
import type { BeginRun } from "./begin-run.ts";
import { createSignalCanceller } from "./cancel-on-signal.ts";
import type { Invocation } from "./command.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfEnd } from "./exit-codes.ts";
import { createCommandFormatter, type FormatCommand } from "./format-command.ts";
import { openServerOf } from "./open-server.ts";
import { preflightOf, refuseShown } from "./options.ts";
import { givenPlaceOf } from "./place.ts";
import { createScreen, type Screen } from "./progress/screen.ts";
import type { State } from "./state.ts";

/** Starts or resumes the run, with all that a server can do. */
type BeginAtServer = (server: OpenRemote, preflight: Parameters<BeginRun>[1]) => ReturnType<BeginRun>;

/**
 * Lets a server drive a run, and shows it to its end as if it were driven here.
 * @returns the exit code
 */
export async function driveAtServer(
  invocation: Invocation,
  url: string,
  state: State,
  begin: BeginAtServer,
): Promise<number> {
  const { values, io } = invocation;
  const isDetached = values.flag("detach");
  if (isDetached) refuseShown(values);
  if (values.text("policy") !== undefined) {
    throw new BusbarError("USAGE", "--policy says nothing to a server: it goes by its own policy");
  }
  const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
  const screen = createScreen(invocation, state.shared.clock);
  const canceller = createSignalCanceller(invocation, screen, () => undefined, { how: "goes on there", next: "show" });
  try {
    const server = await openServerOf(invocation, url, screen.warn);
    try {
      if (canceller.isAskedBeforeRun()) return EXIT_CANCELLED;
      const preflight = values.flag("no-preflight") ? {} : { preflight: preflightOf(values, screen.say) };
      const { runId, nodes, afterSeq = 0 } = await begin(server, preflight);
      if (isDetached && !canceller.isAskedBeforeRun()) {
        await io.out.print(`${runId}\n`);
        const next = values.flag("no-next") ? "" : `. Next: ${formatCommand(`watch ${runId}`)}`;
        io.err.write(`run ${runId} goes on at ${url}${next}\n`);
        return EXIT_OK;
      }
      canceller.runBegan(runId, server);
      await screen.begin(nodes);
      const shown = show(server, screen, runId, afterSeq, () => io.out.print(""));
      const end = await Promise.race([shown, canceller.failed]).catch((thrown: unknown) => {
        throw values.flag("no-next") ? thrown : explain(thrown, runId, formatCommand);
      });
      canceller.runEnded();
      screen.end(end);
      return exitCodeOfEnd(end);
    } finally {
      screen.stop();
      await server.close();
      await io.out.print("");
    }
  } finally {
    canceller.stopListening();
  }
}

async function show(
  server: Runtime,
  screen: Screen,
  runId: string,
  afterSeq: number,
  caughtUp: () => Promise<unknown>,
): Promise<TerminalEvent> {
  let end: TerminalEvent | undefined;
  for await (const event of server.watch(runId, { afterSeq })) {
    screen.onEvents([event]);
    end = isTerminalEvent(event) ? event : undefined;
    await caughtUp();
  }
  // It says why the run is driven no further.
  return end ?? server.wait(runId);
}

/** What can be done about a run that is not shown to its end: it is interrupted, or goes on unseen. */
function explain(thrown: unknown, runId: string, formatCommand: FormatCommand): unknown {
  if (!(thrown instanceof BusbarError) || !isOfConnection(thrown)) return addNextCommand(thrown, runId, formatCommand);
  const { code, message, details } = thrown;
  const next = `Run ${runId} goes on at the server once that is back: ${formatCommand(`watch ${runId}`)}`;
  return new BusbarError(code, `${asSentence(message)} ${next}`, {
    cause: thrown,
    details: { ...details, run_id: runId },
  });
}

function isOfConnection({ code }: BusbarError): boolean {
  return code.startsWith("SERVER_") || code.startsWith("TOKEN_");
}
