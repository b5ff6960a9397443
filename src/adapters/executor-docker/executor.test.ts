import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Attempt, Executor, Outcome } from "../../ports/executor.ts";
import { type AttemptChanges, createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { type AttemptKind, describeExecutor } from "../../testing/executor-suite.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

const SCRIPTS: { readonly [kind in AttemptKind]: string } = {
  succeeds: "echo asked",
  fails: "echo asked; echo 'no luck' >&2; exit 3",
  hangs: "trap 'exit 0' TERM; echo asked; while :; do sleep 1000 & wait; done",
  unreachable: "",
};

if (engine.found) {
  const { peer } = engine;
  describeExecutor("executor-docker", async () => {
    const image = busyboxImage(peer);
    const attempts = createDockerAttempts(image.tag);
    const executor = createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) });
    const made: ReturnType<DockerAttempts["attempt"]>[] = [];
    return {
      executor,
      attempt(kind, changes) {
        const program = kind === "unreachable" ? "/nonexistent/docker" : "docker";
        const attempt = attempts.attempt(SCRIPTS[kind], { ...(changes as AttemptChanges), request: { program } });
        made.push(attempt);
        return attempt;
      },
      asked: () => made.filter(({ log }) => log.text("stdout").includes("asked")).length,
      async hanging(attempt) {
        const log = made.find((one) => one === attempt)?.log ?? made.at(-1)?.log;
        await log?.holds("stdout", "asked");
      },
      kept: async () => attempts.containers().length,
      async dispose() {
        await executor.close?.();
        attempts.clear();
        image.remove();
      },
    };
  });
}

describe("executor-docker", { skip: engine.skip }, () => {
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
  const run = async (attempt: Attempt): Promise<Outcome> => {
    const outcome = await executor.execute(attempt, NEVER);
    executor.release?.(attempt);
    return outcome;
  };

  it("tells the exit code, and of a failure the last line of stderr", async () => {
    assert.deepEqual(await run(attempts.attempt("echo out; echo err >&2")), {
      outcome: "succeeded",
      output: { exit_code: 0 },
    });
    const failed = await run(attempts.attempt("echo first >&2; printf 'no input\\n\\n' >&2; exit 42"));
    assert.deepEqual(failed, {
      outcome: "failed",
      error: {
        code: "CONTAINER_FAILED",
        message: `the container of work (${image.tag}) ended with exit code 42: no input`,
        status: "EXIT_42",
        details: { exit_code: 42 },
      },
    });
  });

  it("takes 125, 126 and 127 of the container itself for what they are", async () => {
    const codes = [1, 125, 126, 127, 255];
    const outcomes = await Promise.all(codes.map((code) => run(attempts.attempt(`exit ${code}`))));
    for (const [index, code] of codes.entries()) {
      const outcome = outcomes[index];
      assert.ok(outcome);
      assertFailed(outcome, "CONTAINER_FAILED", new RegExp(`exit code ${code}; it wrote nothing to stderr$`));
      assert.equal(outcome.outcome === "failed" && outcome.error.status, `EXIT_${code}`);
    }
  });

  it("names the signal that ended a container", async () => {
    assertFailed(await run(attempts.attempt("exit 143")), "CONTAINER_FAILED", /exit code 143 \(SIGTERM\)/);
    const attempt = attempts.attempt("echo up; while :; do sleep 1000 & wait; done");
    const outcome = run(attempt);
    await attempt.log.holds("stdout", "up");
    docker([
      "kill",
      "--signal=KILL",
      ...attempts.containers().flatMap(({ id, labels }) => (labels["busbar.run"] === attempt.runId ? [id] : [])),
    ]);
    assertFailed(await outcome, "CONTAINER_FAILED", /exit code 137 \(SIGKILL\)/);
  });

  it("says what the engine says of a container that it does not make or start", async () => {
    const bad = attempts.attempt("", { request: { options: ["--network=none", "--no-such-option"] } });
    assertFailed(await run(bad), "CONTAINER_NOT_STARTED", /docker did not start .*: unknown flag: --no-such-option$/);
    const image = attempts.attempt("", { request: { options: ["--pull=never"], image: "busbar-test/absent:1" } });
    assertFailed(
      await run(image),
      "CONTAINER_NOT_STARTED",
      /busbar-test\/absent:1\): No such image: busbar-test\/absent:1/,
    );
    const program = attempts.attempt("", { request: { args: ["/no/such/program"] } });
    const outcome = await run(program);
    assertFailed(outcome, "CONTAINER_NOT_STARTED", /\/no\/such\/program.*no such file or directory/);
    assert.deepEqual(outcome.outcome === "failed" && outcome.error.details, { exit_code: 127 });
    assert.equal(outcome.outcome === "failed" && outcome.error.status, undefined);
  });

  it("tells of a container that the kernel ended for its memory", async (t) => {
    const options = ["--network=none", "--memory=16m"];
    const attempt = attempts.attempt("dd if=/dev/zero of=/dev/null bs=64M count=1", { request: { options } });
    const outcome = await run(attempt);
    if (/limit capabilities|cgroup/i.test(attempt.log.text("busbar"))) return t.skip("no memory limits here");
    assertFailed(
      outcome,
      "CONTAINER_OUT_OF_MEMORY",
      /exit code 137 because it used more memory than its limit \(--memory=16m\)$/,
    );
    assert.equal(outcome.outcome === "failed" && outcome.error.status, "EXIT_137");
  });

  it("hands words to the container as they are, with no shell between", async () => {
    const args = ["$(touch /x)", "a b", "`id`", ";", "|", "--rm", "", "ü'\"\\", "*", "${HOME}"];
    const attempt = attempts.attempt("", { request: { args: ["printf", "<%s>", ...args] } });
    assert.equal((await run(attempt)).outcome, "succeeded");
    assert.equal(attempt.log.text("stdout"), args.map((one) => `<${one}>`).join(""));
  });

  it("takes no image for an option", async () => {
    const attempt = attempts.attempt("", { request: { image: "--privileged" } });
    assertFailed(await run(attempt), "CONTAINER_NOT_STARTED", /invalid reference format/);
  });

  it("ends the input of a container that is given one, so that nothing waits for it", async () => {
    const attempt = attempts.attempt("cat; echo done", { request: { options: ["--network=none", "--interactive"] } });
    assert.equal((await run(attempt)).outcome, "succeeded");
    assert.equal(attempt.log.text("stdout"), "done\n");
  });

  it("writes the exact command into the log, and labels what it makes", async () => {
    const attempt = attempts.attempt("echo 'it is'", { nodeId: "größe, 100 %", attempt: 3, idempotencyKey: "key/1" });
    assert.equal((await executor.execute(attempt, NEVER)).outcome, "succeeded");
    const [container] = attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId);
    assert.ok(container);
    assert.deepEqual(container.labels, {
      "busbar.run": attempt.runId,
      "busbar.node": "größe, 100 %",
      "busbar.attempt": "3",
      "busbar.key": "key/1",
    });
    assert.match(container.name, /^busbar-test-[a-zA-Z0-9-]+-gr-e-100--?[0-9a-f]{12}$/);
    assert.ok(container.name.length <= 63);
    const labels = `--label=busbar.run=${attempt.runId} '--label=busbar.node=größe, 100 %' --label=busbar.attempt=3 --label=busbar.key=key/1`;
    assert.equal(
      attempt.log.text("busbar"),
      `docker create --name=${container.name} ${labels} --network=none -- ${image.tag} sh -c 'echo '\\''it is'\\'''\n`,
    );
    assert.ok(attempt.log.ended);
    executor.release?.(attempt);
  });

  it("removes anonymous volumes with the container, and keeps named ones", async () => {
    const volume = `${attempts.prefix}-named`;
    const options = ["--network=none", "--volume=/anonymous", `--volume=${volume}:/named`];
    const attempt = attempts.attempt("touch /anonymous/x /named/x", { request: { options } });
    assert.equal((await executor.execute(attempt, NEVER)).outcome, "succeeded");
    const [container] = attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId);
    const format = "{{range .Mounts}}{{.Name}} {{end}}";
    const names = docker(["container", "inspect", `--format=${format}`, container?.id ?? ""])
      .trim()
      .split(" ");
    const anonymous = names.find((name) => name !== volume) ?? "";
    executor.release?.(attempt);
    await executor.close?.();
    const left = docker(["volume", "ls", "--quiet"]).split("\n");
    assert.ok(left.includes(volume));
    assert.ok(!left.includes(anonymous));
    docker(["volume", "rm", volume]);
  });

  it("gives an attempt its time limit, in which a pull or a slow engine counts too", async () => {
    const script = "trap 'echo bye; exit 0' TERM; echo up; sleep 1000 & wait";
    let said = "";
    // A slow engine may take all of the first to make the container and start it.
    for (const timeoutMs of [5000, 45_000]) {
      const attempt = attempts.attempt(script, { timeoutMs });
      const outcome = await run(attempt);
      said = attempt.log.text("stdout");
      assert.ok(outcome.outcome === "timed_out");
      if (said === "" && timeoutMs === 5000) continue;
      assert.equal(outcome.error.code, "CONTAINER_TIMED_OUT");
      const limit = `${timeoutMs / 1000}.0 s`;
      assert.equal(outcome.error.message, `the container of work (${image.tag}) did not end within ${limit}`);
      assert.match(attempt.log.text("busbar"), /timed out: docker stop -t 3 [0-9a-f]{12}, then removes it\n$/);
      break;
    }
    assert.equal(said, "up\nbye\n");
  });

  it("ends a container that does not listen, with the grace of 3 s", { timeout: 30_000 }, async () => {
    const attempt = attempts.attempt("trap 'echo deaf' TERM; echo up; while :; do sleep 1; done");
    const controller = new AbortController();
    const outcome = executor.execute(attempt, controller.signal);
    await attempt.log.holds("stdout", "up");
    controller.abort();
    assert.equal((await outcome).outcome, "cancelled");
    assert.equal(attempt.log.text("stdout"), "up\ndeaf\n");
    assert.deepEqual(
      attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId),
      [],
    );
  });
});

function assertFailed(outcome: Outcome, code: string, message: RegExp): void {
  assert.ok(outcome.outcome === "failed", JSON.stringify(outcome));
  assert.equal(outcome.error.code, code, outcome.error.message);
  assert.match(outcome.error.message, message);
}
