// Mistakes somebody could make in the engine and in the local runtime, each a promise broken. The tests named with it
// must notice. A text to find stands exactly once in its file.

export interface HandMade {
  /** A rule of semantics.md or what goes wrong, in a few words. */
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly why: string;
  /** Folders or files, as `npm test --` takes them. */
  readonly tests: readonly string[];
}

const ENGINE = ["src/engine"];
const LOCAL = ["src/runtimes/local"];

export const HAND_MADE: readonly HandMade[] = [
  {
    name: "skip reason of stopped dependents",
    file: "src/engine/settle.ts",
    find: "error: node.error ?? STOPPED });\n    skipDependents(state, node, emit);",
    replace: "error: node.error ?? STOPPED });",
    why: "what depends on a node that failed while it waited names no cause",
    tests: ENGINE,
  },
  {
    name: "max_parallel by one",
    file: "src/engine/plan.ts",
    find: "state.counts.running >= state.workflow.maxParallel",
    replace: "state.counts.running > state.workflow.maxParallel",
    why: "one attempt more than the file allows",
    tests: ENGINE,
  },
  {
    name: "a second failure stops",
    file: "src/engine/plan.ts",
    find: 'state.workflow.onFailure === "stop" && state.counts.failed > 0',
    replace: 'state.workflow.onFailure === "stop" && state.counts.failed > 1',
    why: "nodes start after the first failure under on_failure: stop",
    tests: ENGINE,
  },
  {
    name: "a lost attempt of a cancelled run",
    file: "src/engine/settle.ts",
    find: '(outcome.outcome === "cancelled" || outcome.outcome === "lost")',
    replace: '(outcome.outcome === "cancelled")',
    why: "a run that is cancelled while its owner is dead never ends",
    tests: ENGINE,
  },
  {
    name: "one attempt too many",
    file: "src/engine/retry.ts",
    find: "failures >= policy.maxAttempts",
    replace: "failures > policy.maxAttempts",
    why: "max_attempts is not kept",
    tests: ENGINE,
  },
  {
    name: "a wait beyond the total timeout",
    file: "src/engine/settle.ts",
    find: "wait >= remainingMs ?",
    replace: "wait < 0 ?",
    why: "a node waits for an attempt that its total timeout forbids",
    tests: ENGINE,
  },
  {
    name: "a lost attempt counts as a failure",
    file: "src/engine/transitions.ts",
    find: 'if (event.outcome === "lost") {',
    replace: 'if (event.outcome === "lost") {\n    node.failures += 1;',
    why: "a crash eats the attempts of a node (E4)",
    tests: ENGINE,
  },
  {
    name: "a resume without a new round",
    file: "src/engine/transitions.ts",
    find: "    node.round += 1;\n",
    replace: "",
    why: "a service that deduplicates answers with the failure of the last round",
    tests: ENGINE,
  },
  {
    name: "a resume after success",
    file: "src/engine/rules.ts",
    find: '(event.type === "run.resumed" && history.ended !== "succeeded")',
    replace: 'event.type === "run.resumed"',
    why: "the doctor takes a history for right that goes on after run.succeeded (E5)",
    tests: ENGINE,
  },
  {
    name: "dropped nodes forgotten",
    file: "src/engine/state.ts",
    find: "state.dropped.set(id, node);",
    replace: "continue;",
    why: "a node that a later file brings back uses idempotency keys again",
    tests: ENGINE,
  },
  {
    name: "an unlinked owner lock accepted",
    file: "src/adapters/journal-sqlite/owner-lock.ts",
    find: "if (!existsSync(path)) {\n    db.close();",
    replace: "if (path === undefined) {\n    db.close();",
    why: "an owner holds a lock that nobody can find: others take its runs (E6)",
    tests: ["src/adapters/journal-sqlite/owner-lock.test.ts"],
  },
  {
    name: "await of the sweep removed",
    file: "src/runtimes/local/driver.ts",
    find: "    await swept;\n    if (needed",
    replace: "    if (needed",
    why: "nodes start while what the last owner left is still at work (X7)",
    tests: LOCAL,
  },
  {
    name: "a failed look for requests not repeated",
    file: "src/runtimes/local/requests.ts",
    find: "      seen = -1;\n",
    replace: "",
    why: "a cancel is never seen when the journal was busy at the wrong moment",
    tests: LOCAL,
  },
  {
    name: "left after a flush ignored",
    file: "src/runtimes/local/driver.ts",
    find: "if (left !== undefined) throw left;\n      if (events.length > 0) owned();",
    replace: "if (events.length > 0) owned();",
    why: "a driver that was told to leave goes on to its next turn",
    tests: LOCAL,
  },
  {
    name: "requests that came with the end not answered",
    file: "src/runtimes/local/driver.ts",
    find: "if (isTerminalRun(state.status)) await refuseLatecomers();",
    replace: "",
    why: "who asked something of a run while it ended waits for ever",
    tests: LOCAL,
  },
  {
    name: "a slot kept",
    file: "src/runtimes/local/attempts.ts",
    find: "flights.delete(node.id);\n      slots.release(node);",
    replace: "flights.delete(node.id);",
    why: "max_concurrency of a service shrinks with every attempt until nothing starts",
    tests: LOCAL,
  },
  {
    name: "a total timeout per attempt",
    file: "src/runtimes/local/attempts.ts",
    find: "    deadlines.set(node.id, deadline);\n",
    replace: "",
    why: "total_timeout_seconds counts anew with every attempt",
    tests: LOCAL,
  },
  {
    name: "a cancel that nobody asked for",
    file: "src/runtimes/local/flight.ts",
    find: 'if (flight.abortCause === "cancel") return { ...outcome, error };',
    replace: "return { ...outcome, error };",
    why: "a peer that cancels of itself leaves a node that is neither failed nor tried again",
    tests: LOCAL,
  },
  {
    name: "a call before its event is durable",
    file: "src/runtimes/local/ledger.ts",
    find: "      if (appended.length > 0 || answered.length > 0) {",
    replace:
      "      for (const effect of effects.splice(0)) effect();\n      if (appended.length > 0 || answered.length > 0) {",
    why: "a service is called for an attempt that a crash forgets (E8)",
    tests: LOCAL,
  },
  {
    name: "asked after before the sweep",
    file: "src/runtimes/local/attempts.ts",
    find: "flight.done = swept\n        .then(() => ask(",
    replace: "flight.done = Promise.resolve()\n        .then(() => ask(",
    why: "an attempt is found again that the sweep then ends",
    tests: LOCAL,
  },
];
