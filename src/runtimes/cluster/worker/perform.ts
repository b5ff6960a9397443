import { InvocationIdParser, TerminalError } from "@restatedev/restate-sdk";
import { ATTEMPT_SERVICE, admittedSignal } from "../../../adapters/restate/names.ts";
import {
  type AdmitInput,
  type AttemptAnswer,
  type AttemptInput,
  type CheckAnswer,
  type CheckInput,
  toWireService,
} from "../../../adapters/restate/wire.ts";
import type { AttemptToMake, Command } from "../../../engine/commands.ts";
import { isSettledNode } from "../../../engine/status.ts";
import { keepsLog, needsOf, requestOf, serviceOf } from "../../../workflow/node.ts";
import { callHandler } from "./call.ts";
import type { Driven } from "./driven.ts";

/** Does what the machine wants, now that its events are recorded. */
export async function perform(run: Driven, command: Command): Promise<void> {
  switch (command.type) {
    case "execute":
      return execute(run, command);
    case "abort":
      return cancel(run, command.nodeId);
    case "arm":
      return run.arrivals.arm(command.timer, run.nowMs + command.ms);
    case "disarm":
      return run.arrivals.disarm(command.timer);
    case "check":
      return check(run);
    case "uncheck":
      run.arrivals.forget(CHECK);
      return cancel(run, CHECK);
    case "enqueue":
      return ask(run);
    case "dequeue":
      return run.arrivals.forget(ADMITTED);
    default:
      // What only a process has: slots, executors that find again what it left.
      throw new TerminalError(`a drive is not asked to ${command.type}`);
  }
}

/** Ends what it has called and nobody waits for any more. */
export async function cancelCalls(run: Driven): Promise<void> {
  for (const name of run.calls.keys()) await cancel(run, name);
}

/** What Restate says of an invocation that was killed, or was cancelled before it began. */
const ENDED_FROM_OUTSIDE = 409;

/** Beside the ids of nodes, which cannot be empty. */
const CHECK = "";

const ADMITTED = "admitted";

function execute(run: Driven, { nodeId, attempt, idempotencyKey, timeoutMs, request }: AttemptToMake): void {
  const { arrivals, machine, calls, ctx, head } = run;
  const { runId, nodes, workflow } = machine.state;
  const definition = nodes.get(nodeId)?.definition;
  if (definition === undefined) throw new TerminalError(`run ${runId} has no node ${nodeId}`);
  const service = serviceOf(workflow, definition);
  const input: AttemptInput = {
    ...{ runId, nodeId, attempt, executor: definition.executor, idempotencyKey, timeoutMs, request },
    keepsLog: keepsLog(definition),
    ...(head.identity === undefined ? {} : { identity: head.identity }),
    ...(service === undefined ? {} : { service: toWireService(service) }),
  };
  const call = callHandler<AttemptInput, AttemptAnswer>(ctx, { service: ATTEMPT_SERVICE, method: "make" }, input);
  calls.set(nodeId, call);
  arrivals.expect(`attempt/${nodeId}`, call, (answer, failure) => {
    calls.delete(nodeId);
    const atMs = answer?.atMs ?? 0;
    // Those who look after Restate have killed it: nobody knows how far it came.
    if (answer?.outcome.outcome === "lost" || failure?.code === ENDED_FROM_OUTSIDE) {
      return { input: { type: "recovered", nodeId, attempt, found: "gone" }, atMs };
    }
    const outcome = answer?.outcome ?? {
      outcome: "failed" as const,
      error: { code: "INTERNAL" as const, message: `Restate ended the attempt: ${failure?.message ?? "no answer"}` },
    };
    return { input: { type: "ended", nodeId, attempt, outcome }, atMs };
  });
}

/** The head says that it asks: the server that made it answers, or the one after that. */
function ask({ arrivals, ctx, head, nowMs }: Driven): void {
  const answer = ctx.signal<AdmitInput>(admittedSignal(head.queue?.asks ?? 0));
  arrivals.expect(ADMITTED, answer, (admitted) => ({ input: { type: "admitted" }, atMs: admitted?.atMs ?? nowMs }));
}

function check(run: Driven): void {
  const { arrivals, machine, input, calls, nowMs, ctx } = run;
  const { byPosition, workflow, runId } = machine.state;
  const unsettled = byPosition.flatMap(({ status, definition }) => (isSettledNode(status) ? [] : [definition]));
  const needs = [...Map.groupBy(unsettled, (node) => node.executor)].map(([executor, nodes]) => {
    const { services, others } = needsOf(workflow, nodes);
    return {
      executor,
      services: services.map(toWireService),
      nodes: others.map((node) => ({ nodeId: node.id, request: requestOf(node) })),
    };
  });
  const asked: CheckInput = { runId, atMs: nowMs, limits: input.preflight ?? { timeoutMs: 0, waitMs: 0 }, needs };
  const call = callHandler<CheckInput, CheckAnswer>(ctx, { service: ATTEMPT_SERVICE, method: "check" }, asked);
  calls.set(CHECK, call);
  arrivals.expect(CHECK, call, (answer, failure) => {
    calls.delete(CHECK);
    const message = `what the run needs could not be checked: Restate ended the check: ${failure?.message ?? "no answer"}`;
    const findings = answer?.findings ?? [{ severity: "error", code: "INTERNAL", message }];
    return { input: { type: "checked", findings }, atMs: answer?.atMs ?? 0 };
  });
}

async function cancel({ calls, ctx }: Driven, name: string): Promise<void> {
  const id = await calls.get(name)?.invocationId;
  if (id !== undefined) ctx.invocation(InvocationIdParser.fromString(id)).cancel();
}
