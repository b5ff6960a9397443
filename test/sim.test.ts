// What the simulator itself owes: the same seed is the same simulation, its model notices what it is there for, and
// shrinking ends small. What it finds is sim/fresh.test.ts and `npm run campaign:sim`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createDraw } from "../sim/draw.ts";
import { createFeedModel } from "../sim/feed-model.ts";
import { makePlan } from "../sim/generate.ts";
import { createModel, type Model } from "../sim/model.ts";
import type { Plan } from "../sim/plan.ts";
import { createFarEnd } from "../sim/service.ts";
import { shrink } from "../sim/shrink.ts";
import { simulate } from "../sim/simulate.ts";
import { workflowOfPlan } from "../sim/workflows.ts";
import { createWorld, type Process, type World } from "../sim/world.ts";
import type { EventBody, RunEvent } from "../src/engine/events.ts";
import { createRunState, summarize } from "../src/engine/state.ts";
import type { Attempt } from "../src/ports/executor.ts";
import { encodePlace, type FeedItem } from "../src/ports/feed.ts";
import { readDefinition } from "../src/testing/read-definition.ts";

const sim = fileURLToPath(new URL("../sim/", import.meta.url));

describe("the simulator", () => {
  it("does the same for the same seed, to the last line of its trace", async () => {
    const seeds = Array.from({ length: 100 }, (_, index) => 1 + index);
    const hashes = new Set<number>();
    for (const seed of seeds) {
      const first = await simulate(makePlan(seed), true);
      const second = await simulate(makePlan(seed), true);
      assert.deepEqual(second.trace, first.trace, `seed ${seed}`);
      assert.equal(second.hash, first.hash, `seed ${seed}`);
      hashes.add(first.hash);
    }
    assert.ok(hashes.size > 90, `${seeds.length} seeds have ${hashes.size} different traces`);
  });

  it("makes workflows that are read back as they were meant", async () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      for (const run of makePlan(seed).runs) {
        const made = workflowOfPlan(run);
        assert.deepEqual(await readDefinition(made.definition), made, `seed ${seed}`);
      }
    }
  });

  it("shrinks a plan to what matters", async () => {
    const plan = makePlan(42);
    assert.ok(plan.actions.length > 3);
    const matters = async (one: Plan) => one.runs.length > 0 && one.actions.some((action) => action.kind === "crash");
    const smallest = await shrink({ ...plan, actions: [...plan.actions, CRASH] }, matters);
    assert.deepEqual(
      smallest.actions.map((action) => action.kind),
      ["start", "crash"],
    );
    assert.deepEqual([smallest.owners, smallest.runs.length, smallest.runs[0]?.nodes.length], [1, 1, 1]);
  });

  it("knows a runtime in one file only, so that another takes its place in minutes", () => {
    const knowing = readdirSync(sim).filter((name) =>
      /from "[^"]*(?:runtimes|ports\/runtime)/.test(readFileSync(sim + name, "utf8")),
    );
    assert.deepEqual(knowing, ["owner.ts"]);
  });
});

const CRASH = { atMs: 9000, kind: "crash", owner: 0, when: "now" } as const;

/** Two nodes, one after the other; containers can be swept. */
const PLAN: Plan = {
  seed: 1,
  owners: 2,
  executors: {
    grpc: { recover: false, sweep: false, release: false, preflight: false },
    docker: { recover: true, sweep: true, release: true, preflight: false },
  },
  runs: [
    {
      id: "r0",
      nodes: [nodeOf("a", "grpc"), nodeOf("b", "grpc"), nodeOf("c", "docker")],
      edges: [[0, 1]],
      maxParallel: 16,
      onFailure: "continue",
      preflights: [],
    },
  ],
  actions: [],
};

function nodeOf(id: string, kind: "grpc" | "docker") {
  return {
    id,
    kind,
    timeoutMs: 1000,
    maxAttempts: 2,
    backoffMs: 10,
    onLost: "fail",
    calls: [],
    recoveries: [],
  } as const;
}

const ERROR = { code: "NODE_LOST", message: "lost" } as const;

interface Rig {
  readonly world: World;
  readonly model: Model;
  readonly processes: readonly [Process, Process];
  /** The events become durable in one write of the first or the second process. */
  write(kind: "create" | "append" | "takeOver", by: 0 | 1, epoch: number, ...bodies: EventBody[]): void;
  call(by: 0 | 1, nodeId: string, attempt: number): void;
}

function rigOf(): Rig {
  const world = createWorld(createDraw(1, "test"), false);
  const workflow = workflowOfPlan(PLAN.runs[0] ?? assert.fail());
  const model = createModel(world, PLAN, createFarEnd(world, PLAN), () => workflow);
  const processOf = (owner: number): Process => ({
    name: `o${owner}`,
    owner,
    bornMs: 0,
    draw: createDraw(1, "test"),
    alive: true,
    holdsLock: true,
    frozenUntilMs: 0,
    undurable: new Map(),
    decidedAtClose: undefined,
  });
  const processes = [processOf(0), processOf(1)] as const;
  let seq = 0;
  return {
    world,
    model,
    processes,
    write(kind, by, epoch, ...bodies) {
      const events = bodies.map((body): RunEvent => {
        seq += 1;
        return { seq, at: "2025-01-01T00:00:00.000Z", run_id: "r0", epoch, ...body };
      });
      const append = { runId: "r0", epoch, events, summary: summarize(createRunState("r0", workflow)) };
      const process = processes[by];
      if (kind === "create") model.onWrite(process, { kind, run: { ...append, definition: workflow.definition } });
      else model.onWrite(process, { kind, append });
    },
    call(by, nodeId, attempt) {
      const idempotencyKey = `r0/${nodeId}/1`;
      const asked = { runId: "r0", nodeId, attempt, idempotencyKey, timeoutMs: 1, request: null, traceId: "" };
      model.onExecute(processes[by], nodeId === "c" ? "docker" : "grpc", asked satisfies Attempt);
    },
  };
}

const CREATED: EventBody = { type: "run.created", definition_hash: "", params: {}, busbar_version: "0" };
const started = (node_id: string, attempt = 1): EventBody => ({
  type: "node.started",
  node_id,
  attempt,
  idempotency_key: `r0/${node_id}/1`,
  request: null,
});
const succeeded = (node_id: string): EventBody => ({
  type: "node.succeeded",
  node_id,
  attempt: 1,
  output: null,
  duration_ms: 1,
});
const SUCCEEDED_B = succeeded("b");
const lost = (node_id: string): EventBody => ({
  type: "node.attempt_failed",
  node_id,
  attempt: 1,
  outcome: "lost",
  error: ERROR,
  duration_ms: 0,
});
const PAUSED: EventBody = { type: "run.paused", by: "" };
const RESUMED: EventBody = { type: "run.resumed", from: "interrupted", by: "", reset: [], definition_hash: "" };

/** What goes wrong, after a run was created and a was called, and the rule that it breaks. */
const WRONGS: readonly { readonly rule: string; readonly title: string; readonly happens: (rig: Rig) => void }[] = [
  { rule: "E1", title: "a node starts too early", happens: ({ write }) => write("append", 0, 1, started("b")) },
  { rule: "E2", title: "two attempts are outstanding", happens: ({ write }) => write("append", 0, 1, started("a", 2)) },
  {
    rule: "E3",
    title: "a node that has succeeded starts again",
    happens: ({ write }) => write("append", 0, 1, succeeded("a"), started("a", 2)),
  },
  {
    rule: "E4",
    title: "what must not run twice is made again",
    happens({ write, processes }) {
      processes[0].holdsLock = false;
      write("takeOver", 1, 2, RESUMED, lost("a"), started("a", 2));
    },
  },
  {
    rule: "E4",
    title: "an attempt is lost, and its executor was not asked",
    happens({ write, processes }) {
      write("append", 0, 1, started("c"));
      processes[0].holdsLock = false;
      write("takeOver", 1, 2, RESUMED, lost("c"));
    },
  },
  {
    rule: "E5",
    title: "something follows the end",
    happens: ({ write }) => write("append", 0, 1, { type: "run.succeeded", duration_ms: 1 }, { type: "run.started" }),
  },
  { rule: "E6", title: "a living owner loses its run", happens: ({ write }) => write("takeOver", 1, 2, RESUMED) },
  {
    rule: "E6",
    title: "another than the owner appends",
    happens: ({ write }) => write("append", 1, 1, succeeded("a")),
  },
  { rule: "E8", title: "a call comes before its start is durable", happens: ({ call }) => call(0, "c", 1) },
  { rule: "E2", title: "an attempt is called twice", happens: ({ call }) => call(0, "a", 1) },
  {
    rule: "E8",
    title: "a cancel is answered and not recorded",
    happens: ({ model }) => model.checkApplied("r0", 2, "cancel"),
  },
  {
    rule: "rerun",
    title: "an output is kept of a run that has not made it",
    happens: ({ write }) => write("append", 0, 1, { ...SUCCEEDED_B, reused_from: "r9" } as EventBody),
  },
  {
    rule: "pause",
    title: "a node starts in a paused run",
    happens: ({ write }) => write("append", 0, 1, PAUSED, started("c")),
  },
  {
    rule: "pause",
    title: "a resume leaves the run paused",
    happens({ write, processes }) {
      write("append", 0, 1, PAUSED);
      processes[0].holdsLock = false;
      write("takeOver", 1, 2, RESUMED);
    },
  },
  {
    rule: "pause",
    title: "whoever pauses a run that nobody drives drives it on",
    happens({ write, processes }) {
      processes[0].holdsLock = false;
      write("takeOver", 1, 2, PAUSED);
      write("append", 1, 2, { type: "run.unpaused", by: "" });
    },
  },
  {
    rule: "J12",
    title: "a run goes on that was pruned",
    happens({ write, model }) {
      const run = model.runs.get("r0") ?? assert.fail();
      run.isPruned = true;
      write("append", 0, 1, succeeded("a"));
    },
  },
  {
    rule: "X7",
    title: "a call comes before what was left is swept",
    happens({ write, call, processes }) {
      processes[0].holdsLock = false;
      write("takeOver", 1, 2, RESUMED, lost("a"), { type: "node.failed", node_id: "a", error: ERROR }, started("c"));
      call(1, "c", 1);
    },
  },
];

describe("the simulator's model", () => {
  for (const { rule, title, happens } of WRONGS) {
    it(`notices where ${title} (${rule})`, () => {
      const rig = rigOf();
      rig.write("create", 0, 1, CREATED, { type: "run.started" }, started("a"));
      rig.call(0, "a", 1);
      assert.equal(rig.world.failures.length, 0);
      happens(rig);
      assert.equal(rig.world.failures[0]?.kind, rule);
    });
  }
});

/** Pages of a feed of which two runs have an event each, then r0 another, and then r0 is pruned. */
const PAGES: readonly { readonly title: string; readonly items: readonly FeedItem[]; readonly after?: string }[] = [
  { title: "an event is left out", items: [] },
  { title: "an event is given that was pruned", items: [itemOf("r0", 1, 1), itemOf("r1", 1, 2)] },
  { title: "a position is given twice", items: [itemOf("r1", 1, 1)] },
  { title: "nothing is told of what was pruned since", items: [itemOf("r1", 1, 2)], after: cursorAt(1) },
  {
    title: "something is told where nothing was pruned since",
    items: [{ kind: "reset", reason: "pruned", cursor: cursorAt(1, 1) }, itemOf("r1", 1, 2)],
  },
];

function cursorAt(pos: number, pruned = 0): string {
  return encodePlace({ pos, pruned, crc: 0 });
}

function eventOf(run_id: string, seq: number): RunEvent {
  return { seq, at: "2025-01-01T00:00:00.000Z", run_id, epoch: 1, type: "run.started" };
}

function itemOf(runId: string, seq: number, pos: number): FeedItem {
  return { kind: "event", cursor: cursorAt(pos), event: eventOf(runId, seq) };
}

describe("the simulator's model of the feed", () => {
  for (const { title, items, after } of PAGES) {
    it(`notices where ${title} (J11)`, () => {
      const world = createWorld(createDraw(1, "test"), false);
      const feed = createFeedModel(world);
      feed.onEvents([eventOf("r0", 1), eventOf("r1", 1), eventOf("r0", 2)]);
      feed.onPage(undefined, { items: [itemOf("r0", 1, 1)], cursor: cursorAt(1), isEnd: false });
      feed.onPruned("r0");
      assert.equal(world.failures.length, 0);
      feed.onPage(after, { items, cursor: cursorAt(3, 1), isEnd: true });
      assert.equal(world.failures[0]?.kind, "J11");
    });
  }
});
