import type { Command, LetGo } from "../../engine/commands.ts";
import type { Finding } from "../../engine/finding.ts";
import { BusbarError, toErrorInfo } from "../../kernel/errors.ts";
import type { AttemptKey } from "../../ports/attempt-key.ts";
import { maskFindings } from "../shared/masking.ts";
import { checkRun } from "../shared/preflight.ts";
import { type DriverState, leaveFor } from "./driver-state.ts";

/** Does what the machine wants, now that its events are durable. */
export function perform(run: DriverState, command: Command): void {
  switch (command.type) {
    case "execute":
      return run.calls.execute(command);
    case "recover":
      return run.calls.recover(command);
    case "abort":
      return run.calls.abort(command.nodeId, command.cause);
    case "release":
      return run.calls.release(command.nodeId);
    case "arm":
      return run.timers.arm(command.timer, command.ms);
    case "disarm":
      return run.timers.disarm(command.timer);
    case "check":
      return check(run);
    case "uncheck":
      return run.checking?.abort();
    case "sweep":
      return sweep(run, command.outstanding);
    case "let_go":
      return leaveFor(run, new BusbarError("RUN_LEFT", whyLetGo(command, run.machine.state.runId)));
    case "want":
    case "free":
    case "enqueue":
    case "dequeue":
      // Asked and answered within the turn (decide in driver.ts).
      return;
  }
}

function whyLetGo({ because }: LetGo, runId: string): string {
  if (because === "asked") return `what was asked of run ${runId} is recorded; nobody drives it`;
  return `this process let go of run ${runId} before it ended`;
}

function check(run: DriverState): void {
  const { executors, secrets } = run.context;
  const abort = new AbortController();
  run.checking = abort;
  const findAll = async (): Promise<readonly Finding[]> => {
    try {
      return await checkRun(executors, run.machine.state, run.preflight ?? { timeoutMs: 0, waitMs: 0 }, abort.signal);
    } catch (thrown) {
      const { message } = toErrorInfo(thrown);
      return [{ severity: "error", code: "INTERNAL", message: `what the run needs could not be checked: ${message}` }];
    }
  };
  void findAll().then((findings) => {
    run.checking = undefined;
    if (abort.signal.aborted) return;
    run.inputs.put({ type: "checked", findings: maskFindings(findings, secrets) });
  });
}

/** Ends what executors find of this run beyond its outstanding attempts (X7). */
function sweep(run: DriverState, outstanding: readonly AttemptKey[]): void {
  const { state } = run.machine;
  const kinds = new Set(state.byPosition.map(({ definition }) => definition.executor));
  const endAll = async (): Promise<void> => {
    await Promise.all([...kinds].map((kind) => run.context.executors[kind]?.sweep?.(state.runId, outstanding)));
  };
  run.sweeping = endAll().then(
    () => run.inputs.put({ type: "swept" }),
    (thrown: unknown) => {
      const message = `what was left at work of run ${state.runId} could not be ended: ${toErrorInfo(thrown).message}`;
      leaveFor(run, new BusbarError("INTERNAL", message, { cause: thrown }));
    },
  );
}
