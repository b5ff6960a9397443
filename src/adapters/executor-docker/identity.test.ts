// Whose a container is: of all that are at an engine, an executor ends those of its own journal and no others.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import fc from "fast-check";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt, Executor } from "../../ports/executor.ts";
import { createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";
import { containerName, isContainerOf, type JournalOfContainers, type Labels, labelOptions } from "./identity.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

const JOURNAL: JournalOfContainers = { id: randomUUID(), ownerId: "me", isOlder: false };
const journalOf = (changes: Partial<JournalOfContainers> = {}): JournalOfContainers => ({ ...JOURNAL, ...changes });

describe("the labels of a container", () => {
  const anyAttempt = fc.record({
    runId: fc.constantFrom("nightly", "Nightly", "r"),
    nodeId: fc.constantFrom("a", "b", "a=b", "ä"),
    attempt: fc.integer({ min: 1, max: 3 }),
    idempotencyKey: fc.constantFrom("k/1", "k/2"),
  });
  const anyJournal = fc.option(
    fc.record({ id: fc.constantFrom("one", "two"), ownerId: fc.constantFrom("o", "p"), isOlder: fc.boolean() }),
    { nil: undefined },
  );
  const labelsOf = (attempt: object, journal: JournalOfContainers | undefined): Labels =>
    Object.fromEntries(
      labelOptions(attempt as Attempt, journal).map((option) => {
        const [, name = "", value = ""] = /^--label=([^=]+)=(.*)$/.exec(option) ?? [];
        return [name, value];
      }),
    );

  it("say of which attempt of which journal it is, whichever process of it made it", () => {
    fc.assert(
      fc.property(anyAttempt, anyJournal, anyAttempt, anyJournal, (made, maker, asked, asker) => {
        const isSame = made.runId === asked.runId && made.nodeId === asked.nodeId && made.attempt === asked.attempt;
        const isOlders = asker?.isOlder === true && maker === undefined && made.idempotencyKey === asked.idempotencyKey;
        assert.equal(
          isContainerOf(labelsOf(made, maker), asked as Attempt, asker),
          isSame && (maker?.id === asker?.id || isOlders),
        );
        assert.equal(
          containerName(made, maker) === containerName(asked, asker),
          made.runId === asked.runId && made.nodeId === asked.nodeId && maker?.id === asker?.id,
        );
      }),
    );
  });
});

describe("containers of several journals at one engine", { skip: engine.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  const executors: Executor[] = [];
  const runId = (): string => `${attempts.prefix}-nightly`;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    attempts = createDockerAttempts(image.tag);
  });
  afterEach(async () => {
    for (const executor of executors.splice(0)) await executor.close?.();
    attempts.clear();
  });
  after(() => image.remove());

  function executorOf(journal: JournalOfContainers | undefined, isOver = false): Executor {
    const executor = createDockerExecutor({
      clock: createSystemClock(),
      secrets: createSecrets(() => undefined),
      isOver: async () => isOver,
      ...(journal && { journal }),
    });
    executors.push(executor);
    return executor;
  }

  /** Every way in which a container can be another's, running, ended and never started. */
  function makeOthers(): void {
    const attempt = { ...attempts.attempt("", { runId: runId() }), idempotencyKey: "theirs" };
    const others = [journalOf({ id: randomUUID() }), journalOf({ id: "", ownerId: "me" }), undefined];
    for (const [index, journal] of others.entries()) {
      for (const verb of ["create", "run"]) {
        for (const script of verb === "run" ? ["sleep 1000", "exit 0"] : ["true"]) {
          const detached = verb === "run" ? ["--detach"] : [];
          const name = `--name=${attempts.prefix}-${index}-${verb}-${script.length}`;
          docker([
            verb,
            ...detached,
            name,
            "--network=none",
            ...labelOptions(attempt, journal),
            image.tag,
            "sh",
            "-c",
            script,
          ]);
        }
      }
    }
  }
  const statuses = () =>
    attempts
      .containers()
      .map(({ name, status }) => `${name} ${status}`)
      .sort();

  for (const isOlder of [false, true]) {
    it(`are not found, swept, or removed as left over by any but their own (older: ${isOlder})`, async () => {
      makeOthers();
      const before = statuses();
      const executor = executorOf(journalOf({ isOlder }), true);
      const attempt = attempts.attempt("exit 0", { runId: runId() });
      assert.deepEqual(await executor.recover?.(attempt, NEVER), { found: "gone" });
      await executor.sweep?.(runId(), []);
      await executor.preflight?.({ services: [], nodes: [attempt] }, { timeoutMs: 20_000, waitMs: 0 }, NEVER);
      assert.equal((await executor.execute(attempt, NEVER)).outcome, "succeeded");
      executor.release?.(attempt);
      await executor.close?.();
      assert.deepEqual(statuses(), before);
    });
  }

  it("of one run id, node and attempt run side by side, and are ended each by its own", {
    timeout: 60_000,
  }, async () => {
    const [one, two] = [executorOf(JOURNAL), executorOf(journalOf({ id: randomUUID() }))];
    const ends = [one, two].map((executor, index) => {
      const attempt = attempts.attempt(`echo up; trap 'exit 0' TERM; sleep 1000 & wait`, { runId: runId() });
      const controller = new AbortController();
      return { attempt, controller, executor, index, outcome: executor.execute(attempt, controller.signal) };
    });
    for (const { attempt } of ends) await attempt.log.holds("stdout", "up");
    assert.equal(attempts.containers().filter(({ status }) => status === "running").length, 2);
    await one.sweep?.(runId(), []);
    assert.equal(attempts.containers().length, 1);
    for (const { controller, outcome } of ends) {
      controller.abort();
      await outcome;
    }
    assert.equal(attempts.containers().length, 0);
  });

  it("with one given name are refused to the second, which says whose it is and leaves it alone", async () => {
    const options = ["--network=none", `--name=${attempts.prefix}-given`];
    const first = attempts.attempt("echo up; sleep 1000", { runId: runId(), request: { options } });
    const controller = new AbortController();
    const outcome = executorOf(JOURNAL).execute(first, controller.signal);
    await first.log.holds("stdout", "up");
    const second = attempts.attempt("exit 0", { runId: runId(), request: { options } });
    const refused = await executorOf(journalOf({ id: randomUUID() })).execute(second, NEVER);
    assert.ok(refused.outcome === "failed");
    assert.equal(refused.error.code, "CONTAINER_NAME_TAKEN");
    assert.match(
      refused.error.message,
      /: [0-9a-f]{12}, of node work of run \S+-nightly in another state directory or cluster$/,
    );
    assert.deepEqual(statuses(), [`${attempts.prefix}-given running`]);
    controller.abort();
    await outcome;
  });

  it("that an earlier version made are found again by a journal that is as old, and by no other", async () => {
    const older = executorOf(undefined);
    const attempt = attempts.attempt("exit 7", { runId: runId() });
    await older.execute(attempt, NEVER);
    assert.deepEqual(await executorOf(JOURNAL).recover?.(attempt, NEVER), { found: "gone" });
    const upgraded = executorOf(journalOf({ isOlder: true }));
    const otherKey = { ...attempt, idempotencyKey: "another" };
    assert.deepEqual(await upgraded.recover?.(otherKey, NEVER), { found: "gone" });
    const recovery = await upgraded.recover?.(attempt, NEVER);
    assert.ok(recovery?.found === "outcome");
    assert.match(JSON.stringify(recovery.outcome), /"EXIT_7"/);
  });
});
