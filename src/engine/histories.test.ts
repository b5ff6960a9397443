// What `busbar doctor` says of wrong histories, word for word. The histories are written by hand: some no engine would write.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workflowOf } from "../testing/workflow-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { type EventBody, isTerminalEvent, type NodeAttemptFailed, type RunEvent } from "./events.ts";
import { HISTORY_RULES } from "./history.ts";
import { checkHistory } from "./rules.ts";

type Body = EventBody & { readonly epoch?: number; readonly run_id?: string };

const ERROR = { code: "CALL_UNAVAILABLE", message: "gone" } as const;
const created = (workflow: Workflow): Body => ({
  type: "run.created",
  definition_hash: workflow.definition.hash,
  params: {},
  busbar_version: "0.0.0",
});
const started: Body = { type: "run.started" };
const start = (node: string, attempt = 1, round = 1): Body => ({
  type: "node.started",
  node_id: node,
  attempt,
  idempotency_key: `r/${node}/${round}`,
  request: null,
});
const ok = (node: string, attempt = 1): Body => ({
  type: "node.succeeded",
  node_id: node,
  attempt,
  output: null,
  duration_ms: 1,
});
const attemptFailed = (node: string, attempt = 1, more: Partial<NodeAttemptFailed> = {}): Body => ({
  type: "node.attempt_failed",
  node_id: node,
  attempt,
  outcome: "failed",
  error: ERROR,
  duration_ms: 1,
  ...more,
});
const AGAIN = { retry_at: "2025-01-01T00:00:01.000Z", retry_delay_ms: 1000 } as const;
const failed = (node: string): Body => ({ type: "node.failed", node_id: node, error: ERROR });
const skipped = (node: string): Body => ({ type: "node.skipped", node_id: node, reason: "run_stopped" });
const succeeded: Body = { type: "run.succeeded", duration_ms: 1 };
const runFailed = (code = "RUN_NODE_FAILED"): Body => ({
  type: "run.failed",
  duration_ms: 1,
  error: { code: code as "RUN_NODE_FAILED", message: "" },
});
const cancelled: Body = { type: "run.cancelled", duration_ms: 1 };
const kept = (node: string): Body => ({ ...ok(node, 3), reused_from: "s" }) as Body;
const repeated = (workflow: Workflow): Body => ({ ...created(workflow), source: "s" }) as Body;
const pause: Body = { type: "run.paused", by: "test" };
const unpause: Body = { type: "run.unpaused", by: "test" };
const askCancel: Body = { type: "run.cancel_requested", by: "test" };
const resumed = (workflow: Workflow, epoch: number, ...reset: string[]): Body => ({
  type: "run.resumed",
  from: "failed",
  by: "test",
  reset,
  definition_hash: workflow.definition.hash,
  epoch,
});

const recovered = (workflow: Workflow, epoch: number, ...reset: string[]): Body =>
  ({ ...resumed(workflow, epoch, ...reset), from: "interrupted", recovery: true }) as Body;
const lost = (node: string, attempt: number): Body => attemptFailed(node, attempt, { outcome: "lost" });

/** Numbers events; an epoch stands until the next. */
function historyOf(...bodies: readonly Body[]): RunEvent[] {
  let epoch = 1;
  return bodies.map((body, index) => {
    epoch = body.epoch ?? epoch;
    return { seq: index + 1, at: "2025-01-01T00:00:00.000Z", run_id: "r", ...body, epoch };
  });
}

/** `rule at seq: message` of every violation. */
function faultsOf(events: readonly RunEvent[], ...workflows: readonly Workflow[]): string[] {
  const byHash = new Map(workflows.map((workflow) => [workflow.definition.hash, workflow]));
  return checkHistory(events, (hash) => byHash.get(hash)).map(
    ({ rule, seq, message }) => `${rule} at ${seq}: ${message}`,
  );
}

const one = workflowOf("a");
const two = workflowOf("a; b", { onFailure: "continue" });
const chain = workflowOf("a > b");
const opened = (workflow: Workflow): Body[] => [created(workflow), started];

describe("checkHistory says", () => {
  const cases: readonly (readonly [
    title: string,
    workflow: Workflow,
    bodies: readonly Body[],
    faults: readonly string[],
  ])[] = [
    ["nothing of a run that succeeded", one, [...opened(one), start("a"), ok("a"), succeeded], []],
    ["that a run begins otherwise", one, [started], ["creation at 1: run.started at place 1"]],
    ["that a run is created twice", one, [created(one), created(one)], ["creation at 2: run.created at place 2"]],
    [
      "that another run's event stands in it",
      one,
      [created(one), { ...started, run_id: "other" }],
      ["sequence at 2: run_id is other"],
    ],
    [
      "that an epoch is left out",
      one,
      [created(one), { ...started, epoch: 3 }],
      ["ownership at 2: epoch goes from 1 to 3"],
    ],
    [
      "that a resume does not raise the epoch",
      one,
      [...opened(one), resumed(one, 1)],
      ["ownership at 3: run.resumed does not raise the epoch"],
    ],
    [
      "that a recovery resets a node",
      two,
      [...opened(two), start("a"), attemptFailed("a"), failed("a"), recovered(two, 2, "a", "b")],
      ["recovery at 6: a, b is reset, and nobody asked for it"],
    ],
    [
      "that a run whose attempt is found again is recovered a fourth time",
      chain,
      [
        ...opened(chain),
        start("a"),
        recovered(chain, 2),
        recovered(chain, 3),
        recovered(chain, 4),
        recovered(chain, 5),
      ],
      ["recovery at 7: it follows 3 in vain"],
    ],
    [
      "that a recovery follows an end",
      one,
      [...opened(one), start("a"), attemptFailed("a"), failed("a"), runFailed(), recovered(one, 2)],
      ["recovery at 7: a recovery follows run.failed"],
    ],
    [
      "that a run is recovered a fourth time in vain",
      one,
      [
        ...[...opened(one), start("a"), recovered(one, 2), lost("a", 1), start("a", 2)],
        ...[recovered(one, 3), lost("a", 2), recovered(one, 4), start("a", 3), recovered(one, 5)],
      ],
      ["recovery at 11: it follows 3 in vain"],
    ],
    [
      "nothing of a recovery after an outcome, or of one with nothing at work",
      one,
      [
        ...[...opened(one), start("a"), recovered(one, 2), recovered(one, 3), recovered(one, 4)],
        ...[attemptFailed("a", 1, AGAIN), recovered(one, 5), recovered(one, 6), recovered(one, 7), recovered(one, 8)],
        ...[start("a", 2), ok("a", 2), succeeded],
      ],
      [],
    ],
    [
      "that a cancel and a pause do not stand after a recovery",
      two,
      [...opened(two), pause, recovered(two, 2), start("a"), askCancel, recovered(two, 3), start("b")],
      [
        "paused at 5: a starts while the run is paused",
        "paused at 8: b starts while the run is paused",
        "stopped at 8: b starts after the run was to be cancelled",
      ],
    ],
    ["that a run starts twice", one, [...opened(one), started], ["start at 3: run.started stands twice"]],
    ["that a node starts before its run", one, [created(one), start("a")], ["start at 2: a starts before run.started"]],
    [
      "that a node starts twice at once",
      one,
      [...opened(one), start("a"), start("a", 2)],
      ["single at 4: a starts while attempt 1 is outstanding"],
    ],
    [
      "that an attempt is left out",
      one,
      [...opened(one), start("a", 2)],
      ["attempts at 3: a starts attempt 2 after 0"],
    ],
    ["that a key is wrong", one, [...opened(one), start("a", 1, 2)], ["key at 3: a has key r/a/2, not r/a/1"]],
    [
      "that an attempt fails which is not outstanding",
      one,
      [...opened(one), start("a"), attemptFailed("a", 2, AGAIN)],
      ["attempts at 4: node.attempt_failed of a names attempt 2, which is not outstanding"],
    ],
    [
      "that a node succeeds which did not start",
      one,
      [...opened(one), ok("a")],
      ["attempts at 3: node.succeeded of a names attempt 1, which is not outstanding"],
    ],
    [
      "that a node starts after a cancel request",
      one,
      [...opened(one), askCancel, start("a")],
      ["stopped at 4: a starts after the run was to be cancelled"],
    ],
    [
      "that a node starts after a failure under stop",
      workflowOf("a; b"),
      [...opened(workflowOf("a; b")), start("a"), attemptFailed("a"), failed("a"), start("b")],
      ["stopped at 6: b starts after a node failed"],
    ],
    [
      "nothing of a start after a failure under continue",
      two,
      [...opened(two), start("a"), attemptFailed("a"), failed("a"), start("b")],
      [],
    ],
    ["that a node starts too early", chain, [...opened(chain), start("b")], ["join at 3: b starts before a succeeded"]],
    ["nothing of the upstream of a node that the file does not have", one, [...opened(one), start("x")], []],
    [
      "that a node settles while it is called",
      one,
      [...opened(one), start("a"), failed("a")],
      ["final at 4: a is failed while attempt 1 is outstanding"],
    ],
    [
      "that a node settles again, and counts it once",
      two,
      [...opened(two), start("a"), ok("a"), skipped("a"), runFailed("INTERNAL")],
      ["final at 5: node.skipped of a, which is succeeded", "end at 6: run.failed while nodes are unsettled"],
    ],
    [
      "that a failed node goes on",
      two,
      [...opened(two), failed("a"), start("a")],
      ["final at 4: node.started of a, which is failed"],
    ],
    [
      "that a skipped node goes on",
      one,
      [...opened(one), skipped("a"), start("a")],
      ["final at 4: node.started of a, which is skipped"],
    ],
    [
      "that a cancelled node goes on",
      one,
      [...opened(one), { type: "node.cancelled", node_id: "a" }, start("a")],
      ["final at 4: node.started of a, which is cancelled"],
    ],
    [
      "that a node is tried too often, and counts no lost attempt",
      workflowOf("a; b", { retry: { maxAttempts: 2 } }),
      [
        ...opened(workflowOf("a; b", { retry: { maxAttempts: 2 } })),
        start("b"),
        attemptFailed("b", 1, { outcome: "lost" }),
        start("b", 2),
        attemptFailed("b", 2, AGAIN),
        start("b", 3),
        attemptFailed("b", 3, AGAIN),
      ],
      ["retry at 8: b is to be tried again after 2 failures of 2 allowed"],
    ],
    [
      "nothing of the limit of a node that the file does not have",
      workflowOf("a; b", { retry: { maxAttempts: 1 } }),
      [...opened(workflowOf("a; b", { retry: { maxAttempts: 1 } })), start("x"), attemptFailed("x", 1, AGAIN)],
      [],
    ],
    [
      "that a history ends between a final failure and its node",
      one,
      [...opened(one), start("a"), attemptFailed("a")],
      ["retry at 4: a failed for good and was not settled"],
    ],
    [
      "that another node settles after a final failure",
      two,
      [...opened(two), start("a"), attemptFailed("a"), failed("b")],
      ["retry at 5: a failed for good, and node.failed follows"],
    ],
    [
      "that a node succeeds after its final failure",
      two,
      [...opened(two), start("a"), attemptFailed("a"), ok("a")],
      [
        "retry at 5: a failed for good, and node.succeeded follows",
        "attempts at 5: node.succeeded of a names attempt 1, which is not outstanding",
      ],
    ],
    [
      "that a run goes on after success",
      one,
      [...opened(one), start("a"), ok("a"), succeeded, resumed(one, 2)],
      ["terminal at 6: run.resumed follows run.succeeded"],
    ],
    [
      "that something follows a failed run",
      one,
      [...opened(one), failed("a"), runFailed(), askCancel],
      ["terminal at 5: run.cancel_requested follows run.failed"],
    ],
    [
      "that something follows a cancelled run",
      one,
      [...opened(one), askCancel, skipped("a"), cancelled, askCancel],
      ["terminal at 6: run.cancel_requested follows run.cancelled"],
    ],
    [
      "that a resume leaves a failed node",
      one,
      [...opened(one), failed("a"), runFailed(), resumed(one, 2)],
      ["reset at 5: a is failed and was not reset"],
    ],
    [
      "the same of a node that the file does not have",
      one,
      [...opened(one), failed("x"), skipped("a"), runFailed(), resumed(one, 2, "a")],
      ["reset at 6: x is failed and was not reset"],
    ],
    [
      "that a resume resets a node that succeeded, and one that has not settled",
      two,
      [...opened(two), start("a"), ok("a"), resumed(two, 2, "a", "b")],
      ["reset at 5: a is succeeded and was reset", "reset at 5: b is not settled and was reset"],
    ],
    [
      "that a node it never saw has not settled",
      two,
      [...opened(two), start("a"), ok("a"), succeeded],
      ["end at 5: run.succeeded while nodes are unsettled"],
    ],
    ["nothing of a failed preflight", one, [created(one), runFailed("SERVICE_REFUSED")], []],
    [
      "nothing of a preflight that failed without a word",
      one,
      [created(one), { type: "run.failed", duration_ms: 1 }],
      [],
    ],
    [
      "nothing of a preflight that failed after a resume",
      chain,
      [
        ...opened(chain),
        start("a"),
        ok("a"),
        start("b"),
        attemptFailed("b"),
        failed("b"),
        runFailed(),
        resumed(chain, 2, "b"),
        runFailed("SERVICE_REFUSED"),
      ],
      [],
    ],
    [
      "that a run fails over a node before its nodes have settled",
      one,
      [...opened(one), runFailed()],
      ["end at 3: run.failed while nodes are unsettled"],
    ],
    [
      "that a run fails for another reason after a call, before its nodes have settled",
      one,
      [...opened(one), start("a"), runFailed("SERVICE_REFUSED")],
      ["end at 4: run.failed while nodes are unsettled"],
    ],
    [
      "that a run is cancelled before its nodes have settled",
      one,
      [...opened(one), askCancel, { ...cancelled, error: { code: "RUN_CANCELLED", message: "" } } as Body],
      ["end at 4: run.cancelled while nodes are unsettled"],
    ],
    [
      "that a run ends otherwise than its nodes",
      one,
      [...opened(one), failed("a"), succeeded],
      ["end at 4: run.succeeded, but the nodes say run.failed"],
    ],
    [
      "that a run which was to be cancelled fails",
      one,
      [...opened(one), askCancel, skipped("a"), runFailed()],
      ["end at 5: run.failed, but the nodes say run.cancelled"],
    ],
    ["nothing of a pause", one, [...opened(one), pause, unpause, start("a"), ok("a"), succeeded], []],
    [
      "nothing of a run that is resumed by a process that leaves it paused, or that ends while it is paused",
      two,
      [...opened(two), start("a"), pause, resumed(two, 2), attemptFailed("a", 1, { outcome: "lost" }), unpause].concat(
        [
          start("a", 2),
          pause,
          ok("a", 2),
          failed("b"),
          runFailed(),
          resumed(two, 3, "b"),
          start("b", 1, 2),
          ok("b", 1),
        ],
        [succeeded],
      ),
      [],
    ],
    [
      "that a node starts in a paused run, also after a resume",
      two,
      [...opened(two), pause, start("a"), resumed(two, 2), start("b")],
      ["paused at 4: a starts while the run is paused", "paused at 6: b starts while the run is paused"],
    ],
    [
      "nothing of a run that keeps what another has made",
      chain,
      [repeated(chain), kept("a"), started, start("b"), ok("b"), succeeded],
      [],
    ],
    [
      "that a run without a source keeps something of another, or one with a source later on",
      two,
      [...opened(two), kept("a")],
      ["reused at 3: the output of a is another run's"],
    ],
    [
      "that a run which repeats none keeps something from its creation on",
      chain,
      [created(chain), kept("a"), started],
      ["reused at 2: the output of a is another run's"],
    ],
    [
      "that a run begins with what is kept",
      one,
      [kept("a")],
      ["creation at 1: node.succeeded at place 1", "reused at 1: the output of a is another run's"],
    ],
    [
      "that a node is kept, and what it waits for is not",
      chain,
      [repeated(chain), kept("b"), started, kept("a")],
      ["reused at 3: b is kept, and a is not", "reused at 4: the output of a is another run's"],
    ],
    [
      "that a paused run is paused, and one that is not is unpaused",
      one,
      [...opened(one), unpause, pause, pause],
      ["paused at 3: run.unpaused of a run that is not paused", "paused at 5: run.paused of a run that is paused"],
    ],
  ];
  for (const [title, workflow, bodies, faults] of cases) {
    it(title, () => assert.deepEqual(faultsOf(historyOf(...bodies), workflow), faults));
  }

  it("nothing of what is kept where the workflow is not at hand", () => {
    assert.deepEqual(faultsOf(historyOf(repeated(chain), kept("b"), started)), []);
  });

  it("that an event is missing", () => {
    const events = historyOf(...opened(one), start("a"), ok("a")).filter(({ seq }) => seq !== 3);
    assert.equal(faultsOf(events, one)[0], "sequence at 4: seq 4 stands at place 3");
  });

  it("nothing of edges, limits and nodes of a workflow that is not at hand", () => {
    assert.deepEqual(faultsOf(historyOf(...opened(one), start("a"), attemptFailed("a", 1, AGAIN), runFailed())), []);
  });

  describe("of a changed file", () => {
    const [three, without, other] = [workflowOf("a; b; c"), workflowOf("a; c"), workflowOf("a; b; c; d")];
    const all = [three, without, other];

    it("nothing, where it resets unsettled nodes and drops failed ones", () => {
      const bodies = [...opened(three), start("a"), ok("a"), failed("b"), resumed(without, 2, "c")];
      assert.deepEqual(faultsOf(historyOf(...bodies), ...all), []);
    });

    it("the same by the file before, where the changed one is not at hand", () => {
      const bodies = [...opened(three), start("a"), ok("a"), resumed(without, 2), succeeded];
      assert.deepEqual(faultsOf(historyOf(...bodies), three), ["end at 6: run.succeeded while nodes are unsettled"]);
    });

    it("nothing, where a node that succeeded is dropped and comes back", () => {
      const bodies = [...opened(three), start("b"), ok("b"), resumed(without, 2), resumed(three, 3)];
      const rest = [start("a"), ok("a"), start("c"), ok("c"), succeeded];
      assert.deepEqual(faultsOf(historyOf(...bodies, ...rest), ...all), []);
    });

    it("that nodes are unsettled, where one that succeeded was dropped", () => {
      const bodies = [...opened(three), start("b"), ok("b"), resumed(without, 2), start("a"), ok("a"), succeeded];
      assert.deepEqual(faultsOf(historyOf(...bodies), ...all), ["end at 8: run.succeeded while nodes are unsettled"]);
    });

    it("that nodes are unsettled, however often one that succeeded came back", () => {
      const bodies = [...opened(three), start("b"), ok("b"), resumed(without, 2), resumed(three, 3), resumed(other, 4)];
      const rest = [start("a"), ok("a"), start("c"), ok("c"), succeeded];
      assert.deepEqual(faultsOf(historyOf(...bodies, ...rest), ...all), [
        "end at 12: run.succeeded while nodes are unsettled",
      ]);
    });
  });
});

describe("checkHistory refuses", () => {
  const event = { seq: 1, at: "", run_id: "r", epoch: 1, type: "run.started" };
  const resumes = { ...event, type: "run.resumed", reset: [] };
  const node = { ...event, type: "node.skipped", node_id: "a" };
  const check = (value: unknown) => checkHistory([value as RunEvent]);

  it("nothing that has the shape of an event, also of a later version", () => {
    for (const value of [event, resumes, node, { ...event, type: "run.labelled" }]) assert.ok(check(value).length > 0);
  });

  for (const [title, value] of [
    ["what is no object", "run.started"],
    ["nothing", null],
    ["a seq that is no whole number", { ...event, seq: 1.5 }],
    ["no seq", { ...event, seq: undefined }],
    ["an epoch that is no whole number", { ...event, epoch: "1" }],
    ["no run", { ...event, run_id: undefined }],
    ["no type", { ...event, type: 1 }],
    ["a node's event without a node", { ...node, node_id: undefined }],
    ["a resume without what it resets", { ...resumes, reset: "a" }],
  ] as const) {
    it(title, () =>
      assert.throws(() => check(value), {
        code: "USAGE",
        message: /^events\[0\] must be an event \{seq, at, run_id, epoch, type, …\}/,
      }),
    );
  }

  it("a workflow that is none", () => {
    const wrong = () => ({}) as Workflow;
    assert.throws(() => checkHistory(historyOf(created(one)), wrong), { code: "USAGE", message: /workflowOf returns/ });
    assert.throws(() => checkHistory([], "x" as unknown as typeof wrong), { code: "USAGE", message: /^workflowOf/ });
  });
});

describe("HISTORY_RULES", () => {
  it("says of every rule what it wants", () => {
    const rules = Object.entries(HISTORY_RULES);
    assert.equal(rules.length, 17);
    for (const [rule, wants] of rules) assert.match(wants, /^\S+ \S+ .*\S$/, rule);
  });
});

describe("isTerminalEvent", () => {
  it("holds for the three events that end a run, and for no other", () => {
    const bodies = [...opened(one), askCancel, start("a"), failed("a"), succeeded, runFailed(), cancelled];
    const ends = bodies.filter((body) => isTerminalEvent(body)).map(({ type }) => type);
    assert.deepEqual(ends, ["run.succeeded", "run.failed", "run.cancelled"]);
  });
});
