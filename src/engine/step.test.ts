// The machine as a whole: the same inputs and facts give the same events, answers and commands, byte for byte, and the
// events alone tell its state.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anyGraph } from "../testing/graphs.ts";
import { createWorkflow } from "../testing/workflow-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { standingAnswers } from "./answer-request.ts";
import type { Command } from "./commands.ts";
import type { RunEvent } from "./events.ts";
import type { Facts, Input } from "./inputs.ts";
import { type Abilities, createMachine, type Machine } from "./machine.ts";
import type { Outcome } from "./outcome.ts";
import { isInVain } from "./recovery.ts";
import { checkHistory } from "./rules.ts";
import { createRunState, outstandingAttempt, type RunState } from "./state.ts";
import { isTerminalRun } from "./status.ts";
import { step } from "./step.ts";
import { fold } from "./transitions.ts";

interface Setting {
  readonly workflow: Workflow;
  readonly abilities: Abilities;
  readonly preflight: boolean;
  readonly seed: number;
}

const anySetting: fc.Arbitrary<Setting> = fc
  .record({
    graph: anyGraph({ maxNodes: 8 }),
    onFailure: fc.constantFrom("stop" as const, "continue" as const),
    onLost: fc.constantFrom("retry" as const, "fail" as const),
    maxParallel: fc.integer({ min: 1, max: 4 }),
    slots: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    nodeTimeoutMs: fc.option(fc.integer({ min: 100, max: 3000 }), { nil: undefined }),
    runTimeoutMs: fc.option(fc.integer({ min: 1000, max: 9000 }), { nil: undefined }),
    recover: fc.boolean(),
    sweep: fc.boolean(),
    release: fc.boolean(),
    preflight: fc.boolean(),
    seed: fc.nat(2 ** 32 - 1),
  })
  .map(({ graph, slots, nodeTimeoutMs, runTimeoutMs, recover, sweep, release, preflight, seed, ...options }) => {
    const edges = graph.downstream.flatMap((list, from) => list.map((to): [number, number] => [from, to]));
    const service = { address: "localhost:1", ...(slots === undefined ? {} : { maxConcurrency: slots }) };
    const totalled = nodeTimeoutMs === undefined ? {} : { totalTimeoutMs: nodeTimeoutMs };
    const workflow = createWorkflow("any", graph.ids, edges, {
      ...options,
      services: { one: service },
      retry: { maxAttempts: 3 },
      nodes: Object.fromEntries(graph.ids.map((id) => [id, totalled])),
      ...(runTimeoutMs === undefined ? {} : { totalTimeoutMs: runTimeoutMs }),
    });
    return { workflow, abilities: { grpc: { recover, sweep, release } }, preflight, seed };
  });

/** One life of the machine: what it was given, and what it made of it, as JSON. */
interface Life {
  readonly history: readonly RunEvent[];
  readonly steps: { readonly inputs: readonly Input[]; readonly facts: Facts; readonly decided: string }[];
}

/** What the world owes the machine. */
interface Debts {
  readonly open: Input[];
  readonly timers: Map<string, Input>;
}

/** Everything but the queue, whose shape is its own business, and `due`, which no event tells. */
const told = ({ ready: _, nodes: __, byPosition, ...state }: RunState): object => ({
  ...state,
  byPosition: byPosition.map(({ due: ___, ...node }) => node),
});

const stateOf = (workflow: Workflow, events: readonly RunEvent[]): RunState =>
  fold(events, createRunState("r", workflow), () => workflow);

/** What becomes of a command outside: at some time, in some order. */
function owe(debts: Debts, command: Command, pick: (below: number) => number): void {
  switch (command.type) {
    case "check":
      debts.open.push({
        type: "checked",
        findings: pick(4) === 0 ? [{ severity: "error", code: "INTERNAL", message: "x" }] : [],
      });
      return;
    case "sweep":
      debts.open.push({ type: "swept" });
      return;
    case "want":
      debts.open.push({ type: pick(2) === 0 ? "granted" : "queued", nodeId: command.nodeId });
      if (debts.open.at(-1)?.type === "queued") debts.open.push({ type: "granted", nodeId: command.nodeId });
      return;
    case "execute":
      debts.open.push({ type: "ended", nodeId: command.nodeId, attempt: command.attempt, outcome: anyOutcome(pick) });
      return;
    case "recover": {
      const { nodeId, attempt } = command;
      if (pick(2) === 0) debts.open.push({ type: "recovered", nodeId, attempt, found: "gone" });
      else debts.open.push({ type: "ended", nodeId, attempt, outcome: anyOutcome(pick) });
      return;
    }
    case "arm":
      debts.timers.set(JSON.stringify(command.timer), { type: "due", timer: command.timer });
      return;
    case "disarm":
      debts.timers.delete(JSON.stringify(command.timer));
      return;
    default:
      return;
  }
}

function anyOutcome(pick: (below: number) => number): Outcome {
  const error = { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" } as const;
  const outcomes: readonly Outcome[] = [
    { outcome: "succeeded", output: pick(3) },
    { outcome: "succeeded", output: null },
    { outcome: "failed", error },
    { outcome: "failed", error: { ...error, status: "INTERNAL" } },
    { outcome: "timed_out", error },
    { outcome: "cancelled", error },
  ];
  return outcomes[pick(outcomes.length)] ?? { outcome: "failed", error };
}

/** Drives a run through owners that die, until it succeeds or has had four of them. */
function drive({ workflow, abilities, preflight, seed }: Setting, picks: Iterator<number>): Life[] {
  const pick = (below: number): number => (picks.next().value ?? 0) % below;
  const history: RunEvent[] = [];
  const lives: Life[] = [];
  let atMs = Date.UTC(2025, 0, 1);
  let requestId = 0;
  while (lives.length < 4) {
    const state = stateOf(workflow, history);
    if (state.status === "succeeded") break;
    const life: Life = { history: [...history], steps: [] };
    lives.push(life);
    const machine = createMachine(state, abilities);
    const debts: Debts = { open: [beginning(state, workflow, preflight, requestId, pick)], timers: new Map() };
    let monotonicMs = pick(1000);
    for (let turn = 0; turn < 200; turn += 1) {
      const inputs = choose(debts, pick);
      if (turn > 0 && pick(12) === 0) {
        requestId += pick(2);
        inputs.push({ type: "asked", request: { id: requestId, kind: anyKind(pick), by: "any" } });
      }
      if (turn > 0 && pick(40) === 0) inputs.push({ type: "draining" });
      if (inputs.length === 0) break;
      const facts = { atMs, monotonicMs, seed };
      const { events, answers, commands } = step(machine, inputs, facts);
      life.steps.push({ inputs, facts, decided: JSON.stringify({ events, answers, commands }) });
      history.push(...events);
      checkMachine(machine, workflow, history);
      if (isTerminalRun(machine.state.status) || machine.phase.name === "let_go" || pick(40) === 0) break;
      for (const command of commands) owe(debts, command, pick);
      monotonicMs += pick(500);
      atMs += pick(700) - 100;
    }
  }
  return lives;
}

function beginning(
  state: RunState,
  { definition }: Workflow,
  preflight: boolean,
  requestId: number,
  pick: (below: number) => number,
): Input {
  if (state.lastSeq === 0) {
    const at = "2025-01-01T00:00:00.000Z";
    const how = { kind: "created", at, definitionHash: definition.hash, params: {}, busbarVersion: "0" } as const;
    return { type: "begun", how, preflight };
  }
  const anything = { id: requestId + 1, kind: anyKind(pick), by: "any" };
  const request = standingAnswers(state, [anything]) === undefined ? anything : { ...anything, kind: "cancel" };
  if (!isTerminalRun(state.status) && pick(4) === 0) {
    return {
      type: "begun",
      how: { kind: "taken_over", requests: [request], lastRequestId: requestId + 1 },
      preflight: false,
    };
  }
  const how = { kind: "resumed", by: "any", requests: [], lastRequestId: requestId } as const;
  // Of an unfinished run, and not for ever.
  const recovery = !isTerminalRun(state.status) && !isInVain(state) && pick(2) === 0;
  if (!recovery) return { type: "begun", how, preflight };
  const requests = pick(2) === 0 ? [] : [anything];
  return { type: "begun", how: { ...how, recovery, requests, lastRequestId: requestId + requests.length }, preflight };
}

const anyKind = (pick: (below: number) => number): string =>
  ["pause", "pause", "unpause", "unpause", "cancel", "approve"][pick(6)] ?? "";

/** Some of what is owed; if nothing is, a timer. */
function choose({ open, timers }: Debts, pick: (below: number) => number): Input[] {
  const chosen: Input[] = [];
  for (let more = 1 + pick(2); more > 0 && open.length > 0; more -= 1)
    chosen.push(...open.splice(pick(open.length), 1));
  const [key, due] = [...timers][pick(Math.max(timers.size, 1))] ?? [];
  if (key !== undefined && due !== undefined && (chosen.length === 0 || pick(6) === 0)) {
    timers.delete(key);
    chosen.push(due);
  }
  return chosen;
}

/** What holds after every step. */
function checkMachine(machine: Machine, workflow: Workflow, history: readonly RunEvent[]): void {
  const { state, outstanding, slots } = machine;
  assert.deepEqual(told(state), told(stateOf(workflow, history)));
  assert.deepEqual(
    checkHistory(history, () => workflow),
    [],
  );
  // Nobody here asks after what is outstanding.
  if (machine.phase.name === "let_go") return;
  if (state.paused !== undefined) {
    for (const [nodeId] of slots) assert.ok(outstanding.has(nodeId), `${nodeId} keeps a slot of a paused run`);
  }
  for (const node of state.byPosition) {
    const attempt = outstandingAttempt(node)?.attempt;
    assert.equal(outstanding.get(node.id)?.attempt, attempt, `${node.id}: what is outstanding is what is recorded so`);
    if (attempt === undefined && node.status !== "pending" && node.status !== "waiting") {
      assert.ok(!slots.has(node.id), `${node.id} has settled and keeps a slot`);
    }
  }
}

describe("the machine", () => {
  it("has taken nothing in when it is made", () => {
    const { state: _, ...fresh } = createMachine(createRunState("r", createWorkflow("one", ["a"], [])), {});
    assert.deepEqual(fresh, {
      abilities: {},
      epoch: 1,
      phase: { name: "new" },
      admission: "open",
      sweeping: false,
      outstanding: new Map(),
      slots: new Map(),
      asking: undefined,
      deadlines: new Map(),
      beganMs: 0,
      timedOut: undefined,
      answered: new Set(),
      answeredUpTo: 0,
    });
  });

  const picks = fc.infiniteStream(fc.nat(10_000));

  it("makes the same of the same, byte for byte, and its events alone tell its state", () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(anySetting, picks, (setting, stream) => {
        for (const { history, steps } of drive(setting, stream)) {
          const again = createMachine(stateOf(setting.workflow, history), setting.abilities);
          for (const { inputs, facts, decided } of steps) {
            // Other objects of the same JSON, as after a crossing between processes.
            const [sameInputs, sameFacts] = structuredClone([inputs, facts] as const);
            const { events, answers, commands } = step(again, sameInputs, sameFacts);
            assert.equal(JSON.stringify({ events, answers, commands }), decided);
          }
          ends.add(again.state.status);
        }
      }),
      { numRuns: 200 },
    );
    // What is common among random runs; rarer ends are not there in every two hundred.
    for (const status of ["failed", "succeeded"]) assert.ok(ends.has(status), `no run ${status}`);
  });
});
