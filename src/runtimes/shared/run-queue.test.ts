import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Concurrency } from "../../workflow/model/concurrency.ts";
import { createRunQueue, type QueuedRun, type QueuePlace, type RunQueue } from "./run-queue.ts";

interface Made extends Partial<Omit<QueuedRun, "runId" | "workflow">> {
  readonly name?: string;
  readonly concurrency?: Concurrency;
}

/** A queue whose runs ask as soon as they join, and the ids of those that may go on, in the order in which they may. */
function queueOf(maxRuns: number) {
  const queue: RunQueue = createRunQueue(maxRuns);
  const on: string[] = [];
  const places = new Map<string, QueuePlace>();
  const runOf = (runId: string, { name = "w", concurrency, ...more }: Made = {}): QueuedRun => ({
    runId,
    workflow: { name, ...(concurrency && { concurrency }) },
    priority: 0,
    hasStarted: false,
    ...more,
  });
  const placeOf = (runId: string): QueuePlace => places.get(runId) ?? assert.fail(`${runId} has not joined`);
  const ask = (runId: string): void => {
    if (placeOf(runId).ask()) on.push(runId);
  };
  return {
    queue,
    on,
    ask,
    runOf,
    placeOf,
    join(runId: string, made?: Made) {
      places.set(
        runId,
        queue.join(runOf(runId, made), () => on.push(runId)),
      );
      ask(runId);
    },
    end(runId: string) {
      placeOf(runId).leave();
    },
  };
}

const oneEach = (key: string): Concurrency => ({ maxRuns: 1, key, whenFull: "queue" });

describe("the queue of runs", () => {
  it("lets so many go on at once, and the others in the order in which they came", () => {
    const { on, join, end, queue } = queueOf(2);
    for (const runId of ["a", "b", "c", "d"]) join(runId);
    assert.deepEqual(on, ["a", "b"]);
    assert.deepEqual(queue.facts(), { running: 2, waiting: 2, maxRuns: 2 });
    end("b");
    assert.deepEqual(on, ["a", "b", "c"]);
    end("d");
    end("a");
    end("c");
    assert.deepEqual([on.length, queue.facts()], [3, { running: 0, waiting: 0, maxRuns: 2 }]);
  });

  it("counts those that go on already, though there is no room for them (a server that was started anew)", () => {
    const { queue, on, join, end, runOf } = queueOf(1);
    const places = ["a", "b"].map((runId) => queue.join(runOf(runId), () => undefined));
    for (const place of places) place.goOn();
    assert.deepEqual(queue.facts(), { running: 2, waiting: 0, maxRuns: 1 });
    join("c");
    places[0]?.leave();
    assert.deepEqual(on, []);
    places[1]?.leave();
    assert.deepEqual(on, ["c"]);
    end("c");
    assert.deepEqual(queue.facts(), { running: 0, waiting: 0, maxRuns: 1 });
  });

  it("lets those go first that had started, then by priority, then those that were made first", () => {
    const { on, join, end } = queueOf(1);
    join("first");
    join("late", { priority: -1 });
    join("new");
    join("urgent", { priority: 5 });
    join("second old", { n: 8 });
    join("old", { n: 7 });
    join("begun", { hasStarted: true, priority: -100, n: 9 });
    for (const next of ["begun", "urgent", "old", "second old", "new", "late"]) {
      end(on.at(-1) ?? "");
      assert.equal(on.at(-1), next);
    }
  });

  it("lets no more of a workflow and key go on than its file says, and nobody wait behind those", () => {
    const { on, join, end } = queueOf(10);
    join("a1", { concurrency: oneEach("a") });
    join("a2", { concurrency: oneEach("a") });
    join("b1", { concurrency: oneEach("b") });
    join("other", { name: "other", concurrency: oneEach("a") });
    join("free");
    assert.deepEqual(on, ["a1", "b1", "other", "free"]);
    end("b1");
    assert.deepEqual(on.length, 4);
    end("a1");
    assert.deepEqual(on.at(-1), "a2");
  });

  it("counts all runs of the name without a key together, also those whose file says nothing of it", () => {
    const { on, join } = queueOf(10);
    join("plain");
    join("one", { concurrency: { maxRuns: 1, whenFull: "queue" } });
    join("two", { concurrency: { maxRuns: 2, whenFull: "queue" } });
    assert.deepEqual(on, ["plain", "two"]);
  });

  it("says what a run waits for, and how many go before it", () => {
    const { join, placeOf } = queueOf(2);
    join("a1", { concurrency: oneEach("a") });
    join("x");
    join("y");
    join("a2", { concurrency: oneEach("a") });
    join("z");
    join("a3", { concurrency: oneEach("a") });
    assert.equal(placeOf("a1").wait(), undefined);
    assert.deepEqual(placeOf("y").wait(), { ahead: 0, limit: "server", max_runs: 2 });
    assert.deepEqual(placeOf("z").wait(), { ahead: 2, limit: "server", max_runs: 2 });
    assert.deepEqual(placeOf("a2").wait(), { ahead: 0, limit: "concurrency", max_runs: 1, key: "a" });
    assert.deepEqual(placeOf("a3").wait(), { ahead: 1, limit: "concurrency", max_runs: 1, key: "a" });
  });

  it("keeps the place of a run that takes back that it asked, and passes it over meanwhile", () => {
    const { on, join, end, ask, placeOf } = queueOf(1);
    for (const runId of ["a", "b", "c"]) join(runId);
    placeOf("b").release();
    end("a");
    assert.deepEqual(on, ["a", "c"]);
    join("d");
    ask("b");
    ask("b");
    end("c");
    assert.deepEqual(on, ["a", "c", "b"]);
    placeOf("b").release();
    assert.deepEqual(on, ["a", "c", "b", "d"]);
  });

  it("refuses a run where its file says so, and as many have not ended, waiting ones too", () => {
    const { queue, join, end, runOf } = queueOf(1);
    const concurrency: Concurrency = { maxRuns: 2, whenFull: "reject" };
    const refuse = (): void => queue.refuseFull(runOf("c", { concurrency }));
    join("a", { concurrency });
    refuse();
    join("b", { concurrency });
    assert.throws(refuse, {
      code: "RUN_QUEUE_FULL",
      message: "2 runs of w have not ended, and its concurrency allows no more",
    });
    queue.refuseFull(runOf("c", { concurrency: { ...concurrency, whenFull: "queue" } }));
    queue.refuseFull(runOf("c", { concurrency, name: "other" }));
    end("b");
    refuse();
    const keyed: Concurrency = { maxRuns: 1, key: "k", whenFull: "reject" };
    join("k1", { concurrency: keyed });
    assert.throws(() => queue.refuseFull(runOf("k2", { concurrency: keyed })), {
      message: 'a run of w with the key "k" has not ended, and its concurrency allows no more',
    });
  });

  it("names the oldest as displaced, waiting ones first, each once, and none that came later", () => {
    const { queue, join } = queueOf(9);
    const concurrency: Concurrency = { maxRuns: 2, whenFull: "cancel_oldest" };
    for (const runId of ["a", "b"]) join(runId, { concurrency });
    assert.deepEqual(queue.displacedBy("b"), []);
    join("c", { concurrency });
    join("d", { concurrency });
    assert.deepEqual(queue.displacedBy("c"), ["a"]);
    assert.deepEqual(queue.displacedBy("d"), ["c"]);
    assert.deepEqual(queue.displacedBy("d"), []);
    join("e", { concurrency: { ...concurrency, whenFull: "queue" } });
    assert.deepEqual(queue.displacedBy("e"), []);
    assert.deepEqual(queue.displacedBy("nobody"), []);
    join("f", { concurrency: { maxRuns: 1, whenFull: "cancel_oldest" } });
    assert.deepEqual(queue.displacedBy("f"), ["d", "e", "b"]);
  });

  it("is held: those that had started go on, the others when all are there, in their order", () => {
    const { queue, on, join } = queueOf(2);
    const [release, releaseAgain] = [queue.hold(), queue.hold()];
    join("new");
    join("begun", { hasStarted: true, n: 3 });
    assert.deepEqual(on, ["begun"]);
    join("old", { n: 4 });
    release();
    release();
    assert.deepEqual(on, ["begun"]);
    releaseAgain();
    assert.deepEqual(on, ["begun", "old"]);
  });

  it("admits nobody once it is closed", () => {
    const { queue, on, join, end } = queueOf(1);
    join("a");
    join("b");
    queue.close();
    end("a");
    assert.deepEqual(on, ["a"]);
  });

  it("keeps to its limits and its order, and lets nobody wait who may go on, whatever happens", () => {
    const runs = fc.array(
      fc.record({
        group: fc.constantFrom("a", "b", undefined),
        priority: fc.integer({ min: -2, max: 2 }),
        hasStarted: fc.boolean(),
        most: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const steps = fc.array(fc.tuple(fc.constantFrom("join", "end", "release", "ask"), fc.nat()), { maxLength: 60 });
    fc.assert(
      fc.property(runs, steps, fc.integer({ min: 1, max: 4 }), (all, doings, maxRuns) => {
        const queue = createRunQueue(maxRuns);
        const made: { readonly place: QueuePlace; readonly run: (typeof all)[number]; at: number; is: string }[] = [];
        const may = (one: (typeof made)[number]): boolean => {
          const going = made.filter(({ is }) => is === "on");
          return going.length < maxRuns && going.filter(({ run }) => run.group === one.run.group).length < one.run.most;
        };
        const goesBefore = (one: (typeof made)[number], other: (typeof made)[number]): boolean => {
          if (one.run.hasStarted !== other.run.hasStarted) return one.run.hasStarted;
          return one.run.priority === other.run.priority ? one.at < other.at : one.run.priority > other.run.priority;
        };
        /** Whoever is told: nobody that may go on stands before it. */
        const tell = (one: (typeof made)[number]): void => {
          assert.equal(one.is, "waiting");
          assert.ok(may(one), "a limit is passed");
          const passed = made.find((other) => other.is === "waiting" && goesBefore(other, one) && may(other));
          assert.equal(passed, undefined, "one is passed over");
          one.is = "on";
        };
        const ask = (one: (typeof made)[number] | undefined): void => {
          if (one?.is !== "apart") return;
          one.is = "waiting";
          if (one.place.ask()) tell(one);
        };
        for (const [what, which] of doings) {
          const one = made[which % Math.max(1, made.length)];
          if (what === "join") {
            const run = all[made.length];
            if (run === undefined) continue;
            const at = made.length;
            const { group, most, ...rest } = run;
            const concurrency = { maxRuns: most, whenFull: "queue", ...(group && { key: group }) } as const;
            const workflow = { name: "w", concurrency };
            const place = queue.join({ runId: `r${at}`, workflow, ...rest }, () => tell(made[at] ?? assert.fail()));
            made.push({ place, run, at, is: "apart" });
            ask(made[at]);
          } else if (what === "ask") ask(one);
          else if (one !== undefined) {
            if (one.is === "gone") continue;
            one.is = what === "end" ? "gone" : "apart";
            if (what === "end") one.place.leave();
            else one.place.release();
          }
          const stuck = made.find((other) => other.is === "waiting" && may(other));
          assert.equal(stuck, undefined, "one waits, and may go on");
          assert.equal(queue.facts().running, made.filter(({ is }) => is === "on").length);
          assert.equal(queue.facts().waiting, made.filter(({ is }) => is === "waiting").length);
        }
      }),
    );
  });
});
