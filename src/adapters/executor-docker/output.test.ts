import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import type { AttemptLog } from "../../ports/run-logs.ts";
import { createDockerAttempts, type DockerAttempts, type LoggedAttempt } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { requireDocker } from "../../testing/docker/engine.ts";
import { findProcess } from "../../testing/processes.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const engine = requireDocker();

describe("the output of containers", { skip: engine.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  let executor: Executor;
  let folder: string;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    attempts = createDockerAttempts(image.tag);
    executor = createDockerExecutor({ clock: createSystemClock(), secrets: createSecrets(() => undefined) });
    folder = mkdtempSync(join(tmpdir(), "busbar-output-"));
  });
  after(async () => {
    await executor.close?.();
    attempts.clear();
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const numbers = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");

  it("comes whole and in order, both streams, and before the outcome", async () => {
    const attempt = attempts.attempt("seq 1 10000 & seq 1 10000 >&2; wait; exit 7");
    const outcome = await executor.execute(attempt, NEVER);
    assert.equal(attempt.log.text("stdout"), numbers(10_000));
    assert.equal(attempt.log.text("stderr"), numbers(10_000));
    assert.match(JSON.stringify(outcome), /ended with exit code 7: 10000"/);
    assert.ok(attempt.log.ended);
  });

  it("is passed on byte for byte; what is shown of it in a message is safe to print", async () => {
    const bytes = randomBytes(300_000);
    writeFileSync(join(folder, "bytes"), bytes);
    const options = ["--network=none", `--volume=${folder}:/data:ro`];
    const chunks: Buffer[] = [];
    const log: AttemptLog = {
      write: (stream, chunk) => void (stream === "stdout" && chunks.push(Buffer.from(chunk))),
      restart: () => undefined,
      end: () => undefined,
    };
    const attempt = attempts.attempt("cat /data/bytes; printf 'a\\033[31m\\377\\000b\\n' >&2; exit 1", {
      request: { options },
      openLog: () => log,
    });
    const outcome = await executor.execute(attempt, NEVER);
    assert.ok(Buffer.concat(chunks).equals(bytes));
    assert.ok(outcome.outcome === "failed");
    assert.match(outcome.error.message, /exit code 1: a\\x1b\[31m\ufffd\\x00b$/);
  });

  it("may have lines of any length; a message shows the end of one", async () => {
    const attempt = attempts.attempt("head -c 5000000 /dev/zero | tr '\\0' x >&2; printf 'the end' >&2; exit 1");
    const outcome = await executor.execute(attempt, NEVER);
    assert.equal(attempt.log.text("stderr").length, 5_000_007);
    assert.ok(outcome.outcome === "failed");
    assert.match(outcome.error.message, /: …x+the end$/);
    assert.ok(outcome.error.message.length < 1500);
  });

  it("takes no memory, however much of it there is", async () => {
    const bytes = 200_000_000;
    let seen = 0;
    let peak = 0;
    const log: AttemptLog = {
      write(stream, chunk) {
        seen += stream === "stdout" ? chunk.length : 0;
        peak = Math.max(peak, process.memoryUsage.rss());
      },
      restart: () => undefined,
      end: () => undefined,
    };
    const line = "x".repeat(999);
    const before = process.memoryUsage.rss();
    const attempt = attempts.attempt(`yes ${line} | head -c ${bytes}`, {
      request: { options: ["--network=none", "--log-opt=max-size=1m"] },
      openLog: () => log,
    });
    assert.equal((await executor.execute(attempt, NEVER)).outcome, "succeeded");
    executor.release?.(attempt);
    assert.equal(seen, bytes);
    assert.ok(peak - before < 64 * 2 ** 20, `${Math.round((peak - before) / 2 ** 20)} MiB more`);
  });

  describe("when the client that attached to a running container is killed", {
    skip: process.platform !== "linux",
  }, () => {
    const killClient = async (attempt: LoggedAttempt): Promise<void> => {
      await attempt.log.holds("stdout", "one");
      const [container] = attempts.containers().filter(({ labels }) => labels["busbar.run"] === attempt.runId);
      const pid = findProcess("docker", "start", "--attach", container?.id ?? "none");
      assert.ok(pid);
      process.kill(pid, "SIGKILL");
    };
    const script = "echo one; until [ -e /data/go ]; do sleep 0.05; done; echo two; exit 5";

    it("what it did not pass on comes from the next one, and the container's own exit code is told", async () => {
      const options = ["--network=none", `--volume=${folder}:/data:ro`];
      rmSync(join(folder, "go"), { force: true });
      const attempt = attempts.attempt(script, { request: { options } });
      const outcome = executor.execute(attempt, NEVER);
      await killClient(attempt);
      await attempt.log.holds("busbar", "follows it again");
      await attempt.log.holds("stdout", "one");
      writeFileSync(join(folder, "go"), "");
      assert.match(JSON.stringify(await outcome), /"EXIT_5"/);
      assert.equal(attempt.log.text("stdout"), "one\ntwo\n");
    });

    it("the exit code is told also where the engine keeps no output", async () => {
      const options = ["--network=none", `--volume=${folder}:/data:ro`, "--log-driver=none"];
      rmSync(join(folder, "go"), { force: true });
      const attempt = attempts.attempt(script, { request: { options } });
      const outcome = executor.execute(attempt, NEVER);
      await killClient(attempt);
      await attempt.log.holds("busbar", "follows it again");
      writeFileSync(join(folder, "go"), "");
      assert.match(JSON.stringify(await outcome), /"EXIT_5"/);
      assert.equal(attempt.log.text("stdout"), "one\n");
      assert.match(
        attempt.log.text("busbar"),
        /docker keeps no output of this container.*: what it wrote.*is missing$/m,
      );
    });
  });
});
