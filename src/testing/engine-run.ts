import type { Command } from "../engine/commands.ts";
import type { RunEvent } from "../engine/events.ts";
import type { Created, Input, Resumed, TakenOver } from "../engine/inputs.ts";
import { type Abilities, createMachine, type Machine } from "../engine/machine.ts";
import type { Lost, Outcome } from "../engine/outcome.ts";
import type { Answer, AskedRequest } from "../engine/requests.ts";
import { createRunState, type RunState } from "../engine/state.ts";
import type { NodeStatus } from "../engine/status.ts";
import { step } from "../engine/step.ts";
import { fold } from "../engine/transitions.ts";
import type { Workflow } from "../workflow/workflow.ts";

/**
 * The run machine, driven by hand: no journal, no executor, and a clock that moves only when told to. Slots that
 * it wants are granted at once. For tests of the engine's rules.
 */
export interface EngineRun {
  readonly state: RunState;
  readonly machine: Machine;
  readonly events: readonly RunEvent[];
  readonly answers: readonly Answer[];
  /** Everything that was to be done, in order. */
  readonly commands: readonly Command[];
  /** Nodes that were started since it was last asked; their ids, in order. */
  start(): string[];
  /** Ends the outstanding attempt of a node; `lost` as if a next owner found it gone. */
  end(nodeId: string, how: Outcome | Lost | "ok" | "failed" | "lost"): void;
  /** The retry wait of a node is over. */
  wake(nodeId: string): void;
  cancel(): void;
  pause(): void;
  unpause(): void;
  /** The run's own total timeout is over. */
  stop(): void;
  /** A next owner resumes the run, with a changed workflow if one is given. Attempts still outstanding are lost. */
  resume(workflow?: Workflow): void;
  /** A next owner takes the run up so. */
  begin(how: Resumed | TakenOver): void;
  /** Anything else that may happen. */
  take(...inputs: readonly Input[]): void;
  /** Moves both clocks on. */
  advance(ms: number): void;
}

export interface EngineRunOptions {
  readonly runId?: string;
  readonly abilities?: Abilities;
  readonly preflight?: boolean;
  readonly seed?: number;
  /** The run that this one repeats. */
  readonly rerun?: Created["rerun"];
  /** It has to be admitted first, by the test. */
  readonly queues?: boolean;
  /** Wants are left to the test. */
  readonly ownSlots?: boolean;
}

export const FAILED: Outcome = {
  outcome: "failed",
  error: { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" },
};

export const UNAVAILABLE: Outcome = {
  outcome: "failed",
  error: { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" },
};

/** A run that has just started. */
export function createEngineRun(workflow: Workflow, options: EngineRunOptions = {}): EngineRun {
  const { runId = "run-1", abilities = {}, preflight = false, seed = 1, ownSlots = false, rerun } = options;
  const queues = options.queues === true ? { queues: true } : {};
  const events: RunEvent[] = [];
  const answers: Answer[] = [];
  const commands: Command[] = [];
  const workflows = new Map([[workflow.definition.hash, workflow]]);
  let machine = createMachine(createRunState(runId, workflow), abilities);
  let elapsedMs = 0;
  let told = 0;
  let requests = 0;

  const take = (...inputs: readonly Input[]): void => {
    const facts = { atMs: Date.UTC(2025, 0, 1) + elapsedMs, monotonicMs: elapsedMs, seed };
    const decided = step(machine, inputs, facts);
    events.push(...decided.events);
    answers.push(...decided.answers);
    commands.push(...decided.commands);
    if (ownSlots) return;
    for (const wanted of decided.commands) {
      if (wanted.type === "want") take({ type: "granted", nodeId: wanted.nodeId });
    }
  };
  const attemptOf = (nodeId: string): number => machine.state.nodes.get(nodeId)?.attempts.at(-1)?.attempt ?? 0;
  const ask = (kind: AskedRequest["kind"]): void => {
    requests += 1;
    take({ type: "asked", request: { id: requests, kind, by: "test" } });
  };
  const begin = (how: Resumed | TakenOver): void => {
    if (how.kind === "resumed" && how.workflow !== undefined) workflows.set(how.workflow.definition.hash, how.workflow);
    const state = fold(events, createRunState(runId, workflow), (hash) => workflows.get(hash));
    machine = createMachine(state, abilities);
    take({ type: "begun", how, preflight, ...queues });
  };
  const definitionHash = workflow.definition.hash;
  const at = "2025-01-01T00:00:00.000Z";
  const created = { kind: "created", at, definitionHash, params: {}, busbarVersion: "0.0.0" } as const;
  take({ type: "begun", how: rerun === undefined ? created : { ...created, rerun }, preflight, ...queues });

  return {
    get state() {
      return machine.state;
    },
    get machine() {
      return machine;
    },
    events,
    answers,
    commands,
    take,
    start() {
      const started = events.slice(told).flatMap((event) => (event.type === "node.started" ? [event.node_id] : []));
      told = events.length;
      return started;
    },
    end(nodeId, how) {
      const attempt = attemptOf(nodeId);
      if (how === "lost" || (typeof how === "object" && how.outcome === "lost")) {
        return take({ type: "recovered", nodeId, attempt, found: "gone" });
      }
      take({ type: "ended", nodeId, attempt, outcome: how === "ok" ? OK : how === "failed" ? FAILED : how });
    },
    wake: (nodeId) => take({ type: "due", timer: { of: "node", nodeId } }),
    cancel: () => ask("cancel"),
    pause: () => ask("pause"),
    unpause: () => ask("unpause"),
    stop: () => take({ type: "due", timer: { of: "run" } }),
    begin,
    resume(changed) {
      const how = { kind: "resumed", by: "test", requests: [], lastRequestId: requests } as const;
      begin(changed === undefined ? how : { ...how, workflow: changed });
      for (const { id, status } of machine.state.byPosition) {
        if (status === "waiting") take({ type: "due", timer: { of: "node", nodeId: id } });
      }
    },
    advance(ms) {
      elapsedMs += ms;
    },
  };
}

const OK: Outcome = { outcome: "succeeded", output: null };

/** Node statuses by id. */
export function statuses(state: RunState): { [id: string]: NodeStatus } {
  return Object.fromEntries([...state.nodes].map(([id, node]) => [id, node.status]));
}
