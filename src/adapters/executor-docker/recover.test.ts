import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSecrets } from "../../kernel/secrets.ts";
import { type Attempt, type Executor, LEAVE, type Outcome } from "../../ports/executor.ts";
import { createDockerAttempts, type DockerAttempts, type LoggedAttempt } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import type { TestContainer } from "../../testing/docker/containers.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { findProgram } from "../../testing/processes.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

describe("containers of an earlier process", { skip: engine.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  let executor: Executor;
  let folder: string;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    attempts = createDockerAttempts(image.tag);
    executor = createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) });
    folder = mkdtempSync(join(tmpdir(), "busbar-recover-"));
  });
  after(async () => {
    await executor.close?.();
    attempts.clear();
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Writes `one`, waits for a file named like the node to appear in the folder, writes `two` and exits with 6. */
  const waiting = (nodeId: string): LoggedAttempt =>
    attempts.attempt(
      `echo one; echo $(hostname) >>/data/made-${nodeId}; until [ -e /data/${nodeId} ]; do sleep 0.05; done; echo two; echo 'last words' >&2; exit 6`,
      { nodeId, request: { options: ["--network=none", `--volume=${folder}:/data`] } },
    );
  const goOn = (nodeId: string): void => writeFileSync(join(folder, nodeId), "");
  const containersOf = (attempt: Attempt): readonly TestContainer[] =>
    attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId);
  const recover = async (attempt: Attempt): Promise<{ readonly found: string; readonly outcome?: Outcome }> => {
    const recovery = await executor.recover?.(attempt, NEVER);
    assert.ok(recovery);
    return recovery.found === "gone" ? recovery : { found: recovery.found, outcome: await recovery.outcome };
  };
  const executeAndLeave = async (attempt: LoggedAttempt): Promise<void> => {
    const controller = new AbortController();
    const outcome = executor.execute(attempt, controller.signal);
    await attempt.log.holds("stdout", "one");
    controller.abort(LEAVE);
    assert.equal((await outcome).outcome, "cancelled");
  };
  const assertExit6 = (outcome: Outcome | undefined): void =>
    assert.match(JSON.stringify(outcome), /exit code 6: last words","status":"EXIT_6"/);

  it("give the one result when the process that executed was killed", { timeout: 60_000 }, async () => {
    const attempt = waiting("killed");
    const owner = fork(fileURLToPath(new URL("../../testing/docker/owner.ts", import.meta.url)));
    const { log: _log, openLog: _openLog, ...sent } = attempt;
    owner.send(sent);
    assert.deepEqual((await once(owner, "message"))[0], { wrote: "one\n" });
    owner.kill("SIGKILL");
    await once(owner, "exit");
    const recovery = await executor.recover?.(attempt, NEVER);
    assert.ok(recovery?.found === "running");
    await attempt.log.holds("stdout", "one");
    goOn("killed");
    assertExit6(await recovery.outcome);
    assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
    assert.match(attempt.log.text("busbar"), /found container [0-9a-f]{12} of an earlier process: it runs/);
    // Once more, as after a crash before the outcome was recorded.
    const again = await recover(attempt);
    assert.equal(again.found, "outcome");
    assertExit6(again.outcome);
    assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
    assert.equal(attempt.log.text("stderr"), "last words\n");
    assert.equal(containersOf(attempt).length, 1);
    executor.release?.(attempt);
    await executor.close?.();
    assert.equal(containersOf(attempt).length, 0);
    assert.match(readFileSync(join(folder, "made-killed"), "utf8"), /^\w+\n$/);
  });

  it("that ended while nobody watched give their exit code and all their output", async () => {
    const attempt = waiting("unseen");
    await executeAndLeave(attempt);
    const [container] = containersOf(attempt);
    goOn("unseen");
    docker(["wait", container?.id ?? ""]);
    const { found, outcome } = await recover(attempt);
    assert.equal(found, "outcome");
    assertExit6(outcome);
    assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
    assert.equal(attempt.log.restarts, 1);
    executor.release?.(attempt);
  });

  it("say no secret that the earlier process gave them, running or ended", { timeout: 60_000 }, async () => {
    const attempt = attempts.attempt(
      `echo "one $KEY"; until [ -e /data/secret ]; do sleep 0.05; done; echo "two $KEY" >&2; exit 6`,
      {
        nodeId: "secret",
        request: {
          options: ["--network=none", `--volume=${folder}:/data`],
          env: { KEY: [{ env: "BUSBAR_TEST_KEY" }] },
        },
      },
    );
    const createOwner = (): Executor => {
      const read = (name: string) => (name === "BUSBAR_TEST_KEY" ? "s3cret-value" : undefined);
      return createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(read) });
    };
    const controller = new AbortController();
    const left = createOwner().execute(attempt, controller.signal);
    await attempt.log.holds("stdout", "one");
    controller.abort(LEAVE);
    assert.equal((await left).outcome, "cancelled");
    const second = createOwner();
    const running = await second.recover?.(attempt, NEVER);
    assert.ok(running?.found === "running");
    goOn("secret");
    const outcomes = [await running.outcome];
    const third = createOwner();
    const ended = await third.recover?.(attempt, NEVER);
    assert.ok(ended?.found === "outcome");
    outcomes.push(await ended.outcome);
    for (const outcome of outcomes) assert.match(JSON.stringify(outcome), /exit code 6: two \*\*\*"/);
    third.release?.(attempt);
    await third.close?.();
  });

  it("that were never started are removed, and count as gone", async () => {
    const attempt = attempts.attempt("exit 0");
    const labels = [`busbar.run=${attempt.runId}`, "busbar.node=work", "busbar.attempt=1"];
    docker(["create", ...labels.map((label) => `--label=${label}`), "--network=none", image.tag, "true"]);
    assert.equal(containersOf(attempt).length, 1);
    assert.deepEqual(await recover(attempt), { found: "gone" });
    assert.equal(containersOf(attempt).length, 0);
  });

  it("that the killed process's client starts at the last moment run to their one end", {
    timeout: 30_000,
  }, async () => {
    const attempt = waiting("started-late");
    const labels = [`busbar.run=${attempt.runId}`, `busbar.node=${attempt.nodeId}`, "busbar.attempt=1"];
    const { options, args } = attempt.request as {
      readonly options: readonly string[];
      readonly args: readonly string[];
    };
    docker(["create", ...labels.map((label) => `--label=${label}`), ...options, image.tag, ...args]);
    // Once the engine has said that the container was never started, it is.
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const client = findProgram("docker") ?? "docker";
    const text = `#!/bin/sh
"${client}" "$@"
code=$?
[ "$1 $2" = "container inspect" ] && mkdir "${bin}/once" 2>/dev/null && "${client}" start "$3" >/dev/null
exit $code
`;
    writeFileSync(join(bin, "docker"), text, { mode: 0o755 });
    const other = createDockerExecutor({
      clock: createSystemClock(),
      secrets: createSecrets(() => undefined),
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    const recovery = await other.recover?.(attempt, NEVER);
    assert.ok(recovery?.found === "running");
    goOn("started-late");
    assertExit6(await recovery.outcome);
    assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
    assert.match(readFileSync(join(folder, "made-started-late"), "utf8"), /^\w+\n$/);
    other.release?.(attempt);
    await other.close?.();
    assert.equal(containersOf(attempt).length, 0);
  });

  it("are those of the very attempt, not of an earlier one", async () => {
    const attempt = waiting("second");
    await executeAndLeave(attempt);
    assert.deepEqual(await recover({ ...attempt, attempt: 2 }), { found: "gone" });
    assert.deepEqual(await recover({ ...attempt, nodeId: "other" }), { found: "gone" });
    assert.equal(containersOf(attempt).length, 1);
    await executor.sweep?.(attempt.runId, []);
    assert.equal(containersOf(attempt).length, 0);
  });

  it("have only what is left of their time", { timeout: 30_000 }, async () => {
    const attempt = waiting("late");
    await executeAndLeave(attempt);
    const { found, outcome } = await recover({ ...attempt, timeoutMs: 1 });
    assert.equal(found, "running");
    assert.equal(outcome?.outcome, "timed_out");
    assert.equal(containersOf(attempt).length, 0);
  });

  it("are ended by a cancel that is asked for before they are found", { timeout: 30_000 }, async () => {
    const attempt = waiting("cancelled");
    await executeAndLeave(attempt);
    const recovery = await executor.recover?.(attempt, AbortSignal.abort());
    assert.ok(recovery?.found === "running");
    assert.equal((await recovery.outcome).outcome, "cancelled");
    assert.equal(containersOf(attempt).length, 0);
  });

  it("are removed at the first preflight, where their run is over and they have ended", async () => {
    const [over, unknown, running] = [attempts.attempt("exit 0"), attempts.attempt("exit 0"), waiting("running")];
    for (const attempt of [over, unknown]) await executor.execute(attempt, NEVER);
    await executeAndLeave(running);
    const asked: string[] = [];
    const other = createDockerExecutor({
      clock: createSystemClock(),
      secrets: createSecrets(() => undefined),
      isOver: async (runId) => {
        asked.push(runId);
        return runId === over.runId || runId === running.runId;
      },
    });
    const needs = { services: [], nodes: [over] };
    for (let n = 0; n < 2; n += 1) await other.preflight?.(needs, { timeoutMs: 20_000, waitMs: 0 }, NEVER);
    await other.close?.();
    assert.equal(asked.filter((runId) => runId === over.runId).length, 1);
    assert.equal(containersOf(over).length, 0);
    assert.equal(containersOf(unknown).length, 1);
    assert.equal(containersOf(running).length, 1);
    await executor.sweep?.(running.runId, []);
  });
});
