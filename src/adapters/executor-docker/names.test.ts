import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { type Attempt, type Executor, LEAVE } from "../../ports/executor.ts";
import { createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import type { TestContainer } from "../../testing/docker/containers.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";
import { containerName } from "./identity.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

describe("names of containers", () => {
  it("are the same for all attempts of a node, and differ for all others", () => {
    const ids = ["a", "A", "a b", "a-b", "ä", "ö", "x".repeat(100), `${"x".repeat(99)}y`, "-", "."];
    const names = ids.map((nodeId) => containerName({ runId: "20250101-000000-ab1234", nodeId }, undefined));
    assert.equal(new Set(names).size, ids.length);
    for (const name of names) assert.match(name, /^busbar-20250101-000000-ab1234-[A-Za-z0-9-]*-[0-9a-f]{12}$/);
    const journal = { id: "j".repeat(36) };
    assert.ok(containerName({ runId: "r".repeat(64), nodeId: "n".repeat(100) }, journal).length <= 63);
    const others = [
      containerName({ runId: "r", nodeId: "n" }, undefined),
      containerName({ runId: "s", nodeId: "n" }, undefined),
      containerName({ runId: "r", nodeId: "n" }, { id: "one" }),
      containerName({ runId: "r", nodeId: "n" }, { id: "other" }),
    ];
    assert.equal(new Set(others).size, others.length);
  });
});

describe("a name that is taken", { skip: engine.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  let executor: Executor;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    attempts = createDockerAttempts(image.tag);
    executor = createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) });
  });
  after(async () => {
    await executor.close?.();
    attempts.clear();
    image.remove();
  });
  const containersOf = (attempt: Attempt): readonly TestContainer[] =>
    attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId);

  for (const options of [["--network=none"], ["--network=none", "--name=NAME"]]) {
    it(`is freed of an earlier attempt of the node, running or not (${options.at(-1)})`, async () => {
      const named = options.map((one) => one.replace("NAME", `${attempts.prefix}-given`));
      const first = attempts.attempt("echo up; sleep 1000", { request: { options: named } });
      const controller = new AbortController();
      const left = executor.execute(first, controller.signal);
      await first.log.holds("stdout", "up");
      controller.abort(LEAVE);
      await left;
      const second = attempts.attempt("exit 3", { runId: first.runId, attempt: 2, request: { options: named } });
      assert.equal((await executor.execute(second, NEVER)).outcome, "failed");
      const third = attempts.attempt("exit 0", { runId: first.runId, attempt: 3, request: { options: named } });
      assert.equal((await executor.execute(third, NEVER)).outcome, "succeeded");
      assert.match(
        second.log.text("busbar"),
        /removes container [0-9a-f]{12}, left of an earlier attempt of this node/,
      );
      const [container, ...more] = containersOf(first);
      assert.equal(container?.labels["busbar.attempt"], "3");
      assert.deepEqual(more, []);
      executor.release?.(third);
      await executor.close?.();
    });
  }

  it("by a container of somebody else is a failure that names it, and that container stays", async () => {
    const name = `${attempts.prefix}-theirs`;
    const other = attempts.attempt("");
    docker(["create", `--name=${name}`, "--network=none", `--label=busbar.run=${other.runId}`, image.tag, "true"]);
    const attempt = attempts.attempt("exit 0", { request: { options: ["--network=none", `--name=${name}`] } });
    const outcome = await executor.execute(attempt, NEVER);
    assert.ok(outcome.outcome === "failed");
    assert.equal(outcome.error.code, "CONTAINER_NAME_TAKEN");
    assert.ok(outcome.error.message.includes(`has its name "${name}"`), outcome.error.message);
    assert.equal(containersOf(other).length, 1);
  });

  it("keeps two containers of one node from running at once, whoever asks for them", { timeout: 60_000 }, async () => {
    const runId = `${attempts.prefix}-twice`;
    const since = Math.floor(Date.now() / 1000) - 1;
    const executors = [
      executor,
      createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) }),
    ];
    const outcomes = await Promise.all(
      executors.map((one, index) => one.execute(attempts.attempt("sleep 0.5", { runId, attempt: index + 1 }), NEVER)),
    );
    assert.ok(outcomes.filter(({ outcome }) => outcome === "succeeded").length <= 1);
    const args = ["events", `--since=${since}`, `--until=${Math.floor(Date.now() / 1000) + 1}`, "--format={{.Action}}"];
    const events = docker([...args, `--filter=label=busbar.run=${runId}`]).split("\n");
    let running = 0;
    for (const event of events) {
      running += event === "start" ? 1 : event === "die" ? -1 : 0;
      assert.ok(running <= 1, events.join(" "));
    }
    assert.ok(events.includes("start"));
  });

  it("is waited for while what has it is still being removed", async () => {
    const runId = `${attempts.prefix}-again`;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const one = attempts.attempt("exit 1", { runId, attempt });
      assert.match(JSON.stringify(await executor.execute(one, NEVER)), /EXIT_1/);
      assert.doesNotMatch(one.log.text("busbar"), /already in use/);
      executor.release?.(one);
    }
  });
});
