import { isTerminalEvent } from "../engine/events.ts";
import type { ErrorCode } from "../kernel/error-table.ts";
import { BusbarError } from "../kernel/errors.ts";
import { asSentence } from "../kernel/sentences.ts";
import type { Runtime, TerminalEvent } from "../ports/runtime.ts";
import { addNextCommand } from "./add-next-command.ts";
import type { BeginRun } from "./begin-run.ts";
import { createSignalCanceller } from "./cancel-on-signal.ts";
import type { Invocation } from "./command.ts";
import { EXIT_CANCELLED, EXIT_OK, exitCodeOfEnd } from "./exit-codes.ts";
import { createCommandFormatter } from "./format-command.ts";
import { preflightOf, refuseShown } from "./options.ts";
import { givenPlaceOf } from "./place.ts";
import { createScreen, type Screen } from "./progress/screen.ts";
import type { State } from "./state.ts";

/** Starts or resumes the run, with all that the runtime there can do. */
export type BeginElsewhere<R> = (runtime: R, preflight: Parameters<BeginRun>[1]) => ReturnType<BeginRun>;

/** Where runs are driven by others than this process. */
interface Elsewhere<R extends Runtime> {
  /** `at http://…` */
  readonly where: string;
  /** Where a run goes on that cannot be looked at for now, and when that can be again. */
  readonly whenBack: string;
  /** Whether an error says that the place cannot be reached, and nothing of the run. */
  isAway(code: ErrorCode): boolean;
  /** @param warn tells people of what is survived */
  open(warn: (text: string) => void): Promise<R & { close(): Promise<void> }>;
}

/**
 * Lets others drive a run, and shows it to its end as if it were driven here.
 * @returns the exit code
 */
export async function driveElsewhere<R extends Runtime>(
  invocation: Invocation,
  state: State,
  begin: BeginElsewhere<R>,
  { where, whenBack, isAway, open }: Elsewhere<R>,
): Promise<number> {
  const { values, io } = invocation;
  const isDetached = values.flag("detach");
  if (isDetached) refuseShown(values);
  const formatCommand = createCommandFormatter(io, givenPlaceOf(values));
  const screen = createScreen(invocation, state.shared.clock);
  const canceller = createSignalCanceller(invocation, screen, () => undefined, { how: "goes on there", next: "show" });
  try {
    const runtime = await open(screen.warn);
    try {
      if (canceller.isAskedBeforeRun()) return EXIT_CANCELLED;
      const preflight = values.flag("no-preflight") ? {} : { preflight: preflightOf(values, screen.say) };
      const { runId, nodes, afterSeq = 0 } = await begin(runtime, preflight);
      if (isDetached && !canceller.isAskedBeforeRun()) {
        await io.out.print(`${runId}\n`);
        const next = values.flag("no-next") ? "" : `. Next: ${formatCommand(`watch ${runId}`)}`;
        io.err.write(`run ${runId} goes on ${where}${next}\n`);
        return EXIT_OK;
      }
      canceller.runBegan(runId, runtime);
      await screen.begin(nodes);
      const shown = show(runtime, screen, runId, afterSeq, () => io.out.print(""));
      const end = await Promise.race([shown, canceller.failed]).catch((thrown: unknown) => {
        if (values.flag("no-next") || !(thrown instanceof BusbarError)) throw thrown;
        if (!isAway(thrown.code)) throw addNextCommand(thrown, runId, formatCommand);
        throw tellOfReturn(thrown, runId, `Run ${runId} goes on ${whenBack}: ${formatCommand(`watch ${runId}`)}`);
      });
      canceller.runEnded();
      screen.end(end);
      return exitCodeOfEnd(end);
    } finally {
      screen.stop();
      await runtime.close();
      await io.out.print("");
    }
  } finally {
    canceller.stopListening();
  }
}

async function show(
  runtime: Runtime,
  screen: Screen,
  runId: string,
  afterSeq: number,
  caughtUp: () => Promise<unknown>,
): Promise<TerminalEvent> {
  let end: TerminalEvent | undefined;
  for await (const event of runtime.watch(runId, { afterSeq })) {
    screen.onEvents([event]);
    end = isTerminalEvent(event) ? event : undefined;
    await caughtUp();
  }
  // It says why the run is driven no further.
  return end ?? runtime.wait(runId);
}

/** That the run is not shown to its end, though it goes on. */
function tellOfReturn(cause: BusbarError, runId: string, next: string): BusbarError {
  const { code, message, details } = cause;
  return new BusbarError(code, `${asSentence(message)} ${next}`, { cause, details: { ...details, run_id: runId } });
}
