import { createDraw, type Draw } from "./draw.ts";
import type { Abilities, Action, Call, Check, NodePlan, Plan, RunPlan, Which } from "./plan.ts";

/** The plan of a seed. */
export function makePlan(seed: number): Plan {
  const draw = createDraw(seed, "plan");
  const owners = draw.between(1, 3);
  const runs = Array.from(
    { length: draw.weighted({ 1: 5, 2: 3, 3: 1 }) === "1" ? 1 : draw.between(1, 3) },
    (_, index) => makeRun(draw, `r${index}`),
  );
  const originals = runs.length;
  const queue = createDraw(seed, "queue");
  const isQueued = queue.chance(0.5);
  if (draw.chance(0.4)) runs.push(...makeRerun(draw, runs));
  const executors = { grpc: makeAbilities(draw, 0.25), docker: makeAbilities(draw, 0.75) };
  const actions = makeActions(draw, owners, originals, runs.length);
  const plan: Plan = { seed, owners, executors, runs, actions };
  return isQueued ? withQueue(queue, plan) : plan;
}

/** The owners have queues, and there are more runs to wait in them. */
function withQueue(draw: Draw, plan: Plan): Plan {
  const more = Array.from({ length: draw.below(4) }, (_, index) => makeRun(draw, `q${index}`));
  const runs = [...plan.runs, ...more].map((run) => (draw.chance(0.6) ? withConcurrency(draw, run) : run));
  const priority = () => (draw.chance(0.3) ? { priority: draw.between(-2, 2) } : {});
  const starts = more.map((_, index): Action => {
    const atMs = draw.chance(0.8) ? draw.between(0, 100) : draw.between(0, SPAN_MS);
    const run = plan.runs.length + index;
    return { atMs, kind: "start", owner: draw.below(plan.owners), run, preflight: draw.chance(0.4), ...priority() };
  });
  const actions = plan.actions.map((action) => (action.kind === "start" ? { ...action, ...priority() } : action));
  return {
    ...plan,
    maxRuns: draw.pick([1, 1, 2, 3, 16]),
    runs,
    actions: [...actions, ...starts].toSorted((a, b) => a.atMs - b.atMs),
  };
}

function withConcurrency(draw: Draw, run: RunPlan): RunPlan {
  const whenFull = draw.weighted({ queue: 4, reject: 2, cancel_oldest: 3 });
  const key = draw.chance(0.5) ? {} : { key: draw.pick(["x", "y"]) };
  return { ...run, concurrency: { maxRuns: draw.pick([1, 1, 2]), whenFull, ...key } };
}

/** A run of another, or two. */
function makeRerun(draw: Draw, runs: readonly RunPlan[]): readonly RunPlan[] {
  const source = draw.below(runs.length);
  const first = runs[source];
  if (first === undefined) return [];
  const of = (id: string, rerunOf: number): RunPlan => ({
    ...first,
    id,
    rerunOf,
    nodes: first.nodes.map((node) => ({ ...node, calls: Array.from({ length: draw.below(3) }, () => makeCall(draw)) })),
    preflights: [],
  });
  const again = of("again", source);
  return draw.chance(0.3) ? [again, of("once-more", runs.length)] : [again];
}

/** A container can be found again, a call mostly cannot. */
function makeAbilities(draw: Draw, each: number): Abilities {
  return {
    recover: draw.chance(each),
    sweep: draw.chance(each),
    release: draw.chance(each),
    preflight: draw.chance(0.5),
  };
}

function makeRun(draw: Draw, id: string): RunPlan {
  const size = draw.weighted({ 1: 4, 2: 4, 3: 3, more: 2 });
  const count = size === "more" ? draw.between(4, 8) : Number(size);
  const edges: (readonly [number, number])[] = [];
  for (let to = 1; to < count; to += 1) {
    for (let from = 0; from < to; from += 1) if (draw.chance(1 / to)) edges.push([from, to]);
  }
  return {
    id,
    nodes: Array.from({ length: count }, (_, index) => makeNode(draw, `${id}n${index}`)),
    edges,
    maxParallel: draw.pick([1, 2, 3, 16]),
    ...(draw.chance(0.3) ? { maxConcurrency: draw.between(1, 2) } : {}),
    onFailure: draw.pick(["stop", "continue"]),
    ...(draw.chance(0.15) ? { totalTimeoutMs: draw.between(500, 20_000) } : {}),
    preflights: Array.from({ length: draw.below(3) }, () => makeCheck(draw)),
  };
}

function makeNode(draw: Draw, id: string): NodePlan {
  return {
    id,
    kind: draw.pick(["grpc", "docker"]),
    timeoutMs: draw.between(200, 8000),
    ...(draw.chance(0.15) ? { totalTimeoutMs: draw.between(500, 20_000) } : {}),
    maxAttempts: draw.between(1, 4),
    backoffMs: draw.pick([10, 100, 1000]),
    onLost: draw.chance(0.3) ? "fail" : "retry",
    calls: Array.from({ length: draw.below(4) }, () => makeCall(draw)),
    recoveries: Array.from({ length: draw.below(3) }, () => draw.pick(["truth", "truth", "gone", "reject"])),
  };
}

function makeCall(draw: Draw): Call {
  const afterMs = draw.chance(0.5) ? draw.between(0, 50) : draw.between(0, 3000);
  const abortMs = draw.chance(0.8) ? draw.between(0, 50) : draw.between(0, 4500);
  const kind = draw.weighted({ succeed: 8, fail: 5, hang: 3, stubborn: 2, throw: 1, reject: 1 });
  switch (kind) {
    case "succeed":
    case "reject":
      return { kind, afterMs };
    case "fail": {
      const pushback = draw.weighted({ none: 8, some: 1, never: 1 });
      return {
        kind,
        afterMs,
        retriable: draw.chance(0.7),
        ...(pushback === "none" ? {} : { pushback: pushback === "never" ? "never" : draw.between(0, 3000) }),
      };
    }
    case "hang":
      return { kind, abortMs };
    case "stubborn":
      return { kind, afterMs, abortMs };
    case "throw":
      return { kind };
  }
}

function makeCheck(draw: Draw): Check {
  const kind = draw.weighted({ ok: 5, warning: 1, error: 3, reject: 1 });
  return { kind, afterMs: draw.chance(0.7) ? draw.between(0, 50) : draw.between(0, 6000) };
}

/** How long things happen from outside. */
const SPAN_MS = 4000;

function makeActions(draw: Draw, owners: number, originals: number, runs: number): readonly Action[] {
  const owner = (): number => draw.below(owners);
  const run = (): number => draw.below(runs);
  const atMs = (): number => (draw.chance(0.5) ? draw.between(0, 300) : draw.between(0, SPAN_MS));
  const actions: Action[] = [];
  for (let index = originals; index < runs; index += 1) {
    // Of one that has ended, mostly.
    for (let more = draw.between(1, 3); more > 0; more -= 1) {
      actions.push({
        atMs: draw.chance(0.2) ? atMs() : draw.between(1000, 2 * SPAN_MS),
        kind: "rerun",
        owner: owner(),
        run: index,
        from: draw.chance(0.6) ? [draw.below(8)] : [],
        ...(draw.chance(0.2) ? { changed: true } : {}),
      });
    }
  }
  for (let index = 0; index < originals; index += 1) {
    const at = draw.chance(0.8) ? draw.between(0, 100) : atMs();
    actions.push({ atMs: at, kind: "start", owner: owner(), run: index, preflight: draw.chance(0.4) });
  }
  const count = draw.between(0, 12);
  for (let index = 0; index < count; index += 1) actions.push(...makeAction(draw, atMs(), owner, run, originals));
  if (draw.chance(0.35)) {
    const places: Places = { owner, run, originals };
    for (let more = draw.between(1, 3); more > 0; more -= 1) actions.push(...makePrune(draw, atMs, places));
    for (let more = draw.below(3); more > 0; more -= 1) actions.push(makeFeed(draw, atMs(), owner()));
  }
  return actions.toSorted((a, b) => a.atMs - b.atMs);
}

interface Places {
  readonly owner: () => number;
  readonly run: () => number;
  readonly originals: number;
}

/** Beside others, and mostly when what a living owner wrote is no longer fresh. */
function makePrune(draw: Draw, soonMs: () => number, { owner, run, originals }: Places): readonly Action[] {
  const atMs = draw.chance(0.3) ? soonMs() : draw.between(10_000, 20_000);
  const which = owner();
  const beside = (): number => Math.max(0, atMs + draw.between(-200, 200));
  return [
    { atMs, kind: "prune", owner: which, which: makeWhich(draw) },
    ...(draw.chance(0.3) ? makeKill(draw, atMs + draw.between(0, 40), which) : []),
    ...(draw.chance(0.3) ? [makeFeed(draw, beside(), owner())] : []),
    ...(draw.chance(0.3)
      ? [{ atMs: beside(), kind: "start" as const, owner: owner(), run: draw.below(originals), preflight: false }]
      : []),
    ...Array.from({ length: draw.below(4) }, () => makeAction(draw, beside(), owner, run, originals)).flat(),
  ];
}

/** Of one that comes back. */
function makeKill(draw: Draw, atMs: number, owner: number): readonly Action[] {
  return [
    { atMs, kind: "crash", owner, when: draw.pick(["now", "before-write", "after-write"]) },
    { atMs: atMs + draw.between(1, 500), kind: "open", owner },
  ];
}

function makeWhich(draw: Draw): Which {
  switch (draw.weighted({ keep: 5, older: 3, bytes: 1 })) {
    case "keep":
      return { keep: draw.below(2) };
    case "older":
      return { olderThanMs: draw.pick([0, 1000, 12_000]) };
    case "bytes":
      return { maxBytes: draw.pick([0, 2000]) };
  }
}

function makeFeed(draw: Draw, atMs: number, owner: number): Action {
  const forMs = draw.chance(0.5) ? draw.between(0, 500) : draw.between(0, 20_000);
  return { atMs, kind: "feed", owner, after: draw.pick(["beginning", "now", "last"]), forMs };
}

function makeAction(
  draw: Draw,
  atMs: number,
  owner: () => number,
  run: () => number,
  originals: number,
): readonly Action[] {
  const kind = draw.weighted({
    resume: 5,
    cancel: 5,
    pause: 4,
    unpause: 3,
    crash: 5,
    "crash-loop": 0.7,
    close: 3,
    watch: 1,
    get: 1,
    start: 0.5,
    freeze: 1,
    "lose-lock": 1,
    "newer-version": 0.5,
    full: 2,
    busy: 2,
    slow: 1,
    unacknowledged: 1,
    jump: 1,
  });
  const forMs = draw.chance(0.5) ? draw.between(1, 300) : draw.between(1, 3000);
  switch (kind) {
    case "start":
      return [{ atMs, kind, owner: owner(), run: draw.below(originals), preflight: draw.chance(0.4) }];
    case "resume":
      return [
        {
          atMs,
          kind,
          owner: owner(),
          run: run(),
          preflight: draw.chance(0.4),
          ...draw.pick([{}, {}, {}, { changed: true }, { recovery: true }]),
        },
      ];
    case "cancel":
    case "pause":
    case "unpause":
      // Two requests with one key are one.
      return [{ atMs, kind, owner: owner(), run: run(), key: `${kind} ${draw.pick([1, 2, atMs])}` }];
    case "watch":
    case "get":
      return [{ atMs, kind, owner: owner(), run: run() }];
    case "newer-version":
      return [{ atMs, kind, run: run() }];
    case "crash":
    case "close": {
      // What ends comes back mostly, and often somebody goes on with what it left.
      const which = owner();
      const openMs = atMs + draw.between(1, draw.pick([500, 4000]));
      return [
        kind === "close"
          ? { atMs, kind, owner: which, ...(draw.chance(0.5) ? { graceMs: draw.between(1, 3000) } : {}) }
          : { atMs, kind, owner: which, when: draw.pick(["now", "before-write", "after-write"]) },
        ...(draw.chance(0.8) ? [{ atMs: openMs, kind: "open", owner: which } as const] : []),
        ...(draw.chance(0.1) ? [{ atMs: openMs, kind: "newer-version", run: run() } as const] : []),
        // Sometimes two want to at once.
        ...Array.from({ length: Number(draw.weighted({ 0: 3, 1: 4, 2: 3 })) }, () => ({
          atMs: openMs + draw.between(0, draw.pick([5, 200])),
          kind: "resume" as const,
          owner: owner(),
          run: run(),
          preflight: false,
          ...(draw.chance(0.3) ? { recovery: true } : {}),
        })),
      ];
    }
    case "crash-loop": {
      const [which, of] = [owner(), run()];
      const gapMs = draw.between(10, draw.pick([40, 400]));
      const rounds = Array.from({ length: draw.between(3, 7) }, (_, times): readonly Action[] => {
        const diesMs = atMs + times * gapMs;
        return [
          { atMs: diesMs, kind: "crash", owner: which, when: draw.pick(["now", "now", "before-write", "after-write"]) },
          { atMs: diesMs + 2, kind: "open", owner: which },
          { atMs: diesMs + 3, kind: "resume", owner: which, run: of, preflight: draw.chance(0.1), recovery: true },
        ];
      });
      const asked = draw.pick(["cancel", "pause", "unpause", undefined, undefined] as const);
      const before = Math.max(0, atMs - draw.between(0, 40));
      return [
        ...(asked === undefined ? [] : [{ atMs: before, kind: asked, owner: which, run: of, key: asked } as const]),
        ...rounds.flat(),
      ];
    }
    case "freeze":
    case "busy":
    case "slow":
      return [{ atMs, kind, owner: owner(), forMs }];
    case "lose-lock":
    case "unacknowledged":
      return [{ atMs, kind, owner: owner() }];
    case "full":
      return [{ atMs, kind, forMs }];
    case "jump":
      return [{ atMs, kind, byMs: draw.between(-100_000, 100_000) }];
  }
}
