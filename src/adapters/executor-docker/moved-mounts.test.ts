// Mounts whose place is taken by something else, by a node before or beside, on a real engine.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Outcome } from "../../ports/executor.ts";
import { createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { requireDocker } from "../../testing/docker/engine.ts";
import { findProgram } from "../../testing/processes.ts";
import { until } from "../../testing/until.ts";
import type { PolicyInput } from "../../workflow/policy/read-policy.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";

const peer = requireDocker();
const NEVER = new AbortController().signal;
/** Made by a node beside, in its container. */
const SWAPS = 10_000;

describe("a mount that leads elsewhere", { skip: peer.skip }, () => {
  let image: TestImage;
  let base: string;
  let attempts: DockerAttempts;
  before(() => {
    if (peer.found) image = busyboxImage(peer.peer);
  });
  after(() => image?.remove());
  beforeEach(() => {
    attempts = createDockerAttempts(image.tag);
    base = realpathSync(mkdtempSync(join(tmpdir(), "busbar-moved-")));
    for (const folder of ["shared/victim", "in/data"]) mkdirSync(join(base, folder), { recursive: true });
    writeFileSync(join(base, "shared/victim/flag"), "harmless\n");
    writeFileSync(join(base, "in/data/flag"), "read me\n");
  });
  afterEach(() => {
    attempts.clear();
    rmSync(base, { recursive: true });
  });

  const mount = (source: string, more = "") => ({
    options: ["--network=none", `--volume=${join(base, source)}:/mnt${more}`],
  });
  const policyOf = (more: PolicyInput["docker"] = {}): PolicyInput => ({
    docker: {
      ...{ enabled: true, images: ["busbar-test:*"], max_memory: "64m", max_cpus: 1 },
      mounts: [{ path: join(base, "in"), read_only: true }, { path: join(base, "shared") }],
      ...more,
    },
  });

  /** What a script in a container says, and how the attempt ends. */
  async function run(
    script: string,
    request: object,
    { policy, path, nodeId = "work" }: { policy?: PolicyInput; path?: string; nodeId?: string } = {},
  ): Promise<{ readonly outcome: Outcome; readonly said: string; readonly end: string }> {
    const executor = createDockerExecutor({
      ...{ clock: createSystemClock(), secrets: createSecrets(() => undefined) },
      env: { ...process.env, ...(path === undefined ? {} : { PATH: `${path}:${process.env.PATH}` }) },
      ...(policy === undefined ? {} : { policy: readPolicy(policy, "policy.json") }),
    });
    const attempt = attempts.attempt(script, { request, nodeId });
    const outcome = await executor.execute(attempt, NEVER);
    executor.release?.(attempt);
    await executor.close?.();
    const said = `${attempt.log.text("stdout")}${attempt.log.text("stderr")}`.trimEnd();
    return { outcome, said, end: outcome.outcome === "succeeded" ? "succeeded" : (outcome.error?.code ?? "") };
  }

  /** A folder for PATH whose docker does something first: a shell's `script`, told where the real one is. */
  function clientWith(script: (client: string) => string): string {
    const path = join(base, "bin");
    mkdirSync(path);
    const client = findProgram("docker");
    assert.ok(client !== undefined);
    writeFileSync(join(path, "docker"), `#!/bin/sh\n${script(client)}\nexec '${client}' "$@"\n`, { mode: 0o755 });
    return path;
  }

  it("is not made where a node before has planted a link, without any preflight", async () => {
    const planted = await run("mv /mnt/victim /mnt/kept; ln -s /etc /mnt/victim", mount("shared"));
    assert.equal(planted.end, "succeeded");
    const { outcome, end, said } = await run("ls /mnt", mount("shared/victim"));
    assert.equal(end, "MOUNT_NOT_ALLOWED");
    assert.match(JSON.stringify(outcome), /was not made: .*shared\/victim leads to \/etc: .*belongs to the system/);
    assert.equal(said, "");
    assert.deepEqual(attempts.containers(), []);
  });

  it("ends the container where its place was taken after Busbar had looked", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux says what is mounted");
    const [victim, kept] = [join(base, "shared/victim"), join(base, "shared/kept")];
    // Between creating and starting, when the engine has not mounted anything yet.
    const path = clientWith(
      () => `if [ "$1" = start ] && [ ! -L '${victim}' ]; then mv '${victim}' '${kept}'; ln -s /etc '${victim}'; fi`,
    );
    const { outcome, end } = await run("sleep 60", mount("shared/victim"), { path });
    assert.equal(end, "MOUNT_MOVED");
    assert.match(JSON.stringify(outcome), /was ended: .*shared\/victim led elsewhere when the engine mounted it/);
    assert.ok(outcome.outcome === "failed" && outcome.error.status === undefined, "it is not made again");
    assert.deepEqual(attempts.containers(), []);
    // Without such a node the same mount stays.
    unlinkSync(victim);
    mkdirSync(victim);
    const alone = await run("sleep 0.5; echo fine > /mnt/x && cat /mnt/x", mount("shared/victim", ":rw"));
    assert.deepEqual([alone.end, alone.said], ["succeeded", "fine"]);
  });

  it("does not get through on a host with a policy, while a node beside swaps it 10,000 times", {
    timeout: 300_000,
  }, async () => {
    const policy = policyOf();
    symlinkSync("/etc", join(base, "shared/link"));
    const swap = "mv -T victim kept; mv -T link victim; mv -T victim link; mv -T kept victim";
    const rounds = SWAPS / 2;
    let isOver = false;
    const swapper = run(`cd /mnt; n=0; while [ $n -lt ${rounds} ]; do ${swap}; n=$((n+1)); done`, mount("shared"), {
      policy,
      nodeId: "swapper",
    }).then((result) => {
      isOver = true;
      return result;
    });
    let made = 0;
    for (; !isOver || made < 3; made += 1) {
      const below = await run("cat /mnt/passwd /mnt/flag", mount("shared/victim", ":ro"), { policy });
      assert.equal(below.end, "POLICY_REFUSED");
      assert.equal(below.said, "");
      const whole = await run("ls -L /mnt/victim/passwd 2>&1; test -d /mnt", mount("shared", ":ro"), { policy });
      assert.equal(whole.end, "succeeded", JSON.stringify(whole));
      // The link is one of the container's own root, where there is no such file.
      assert.match(whole.said, /No such file/);
      const beside = await run("cat /mnt/flag", mount("in/data", ":ro"), { policy });
      assert.deepEqual([beside.end, beside.said], ["succeeded", "read me"]);
    }
    const { end, said } = await swapper;
    assert.deepEqual([end, said], ["succeeded", ""]);
    assert.ok(made >= 3);
  });

  it("ends the container too where nothing was there when Busbar looked", async () => {
    const [victim, other] = [join(base, "shared/not-yet"), join(base, "shared/made")];
    const path = clientWith(() => `if [ "$1" = create ] && [ ! -e '${victim}' ]; then ln -s /etc '${victim}'; fi`);
    const { end } = await run("sleep 60", mount("shared/not-yet"), { path });
    assert.equal(end, "MOUNT_MOVED");
    // What the engine makes there stays.
    const made = await run("sleep 0.5; echo fine > /mnt/x && cat /mnt/x", mount("shared/made/deep"));
    assert.deepEqual([made.end, made.said], ["succeeded", "fine"]);
    assert.ok(existsSync(join(other, "deep/x")));
  });

  it("never stays in a container without a policy, while a node beside swaps it", { timeout: 300_000 }, async () => {
    symlinkSync("/etc", join(base, "shared/link"));
    const swap = "mv -T victim kept; mv -T link victim; mv -T victim link; mv -T kept victim";
    const swapper = run(
      `cd /mnt; n=0; while [ ! -e stop ] && [ $n -lt 5000 ]; do ${swap}; n=$((n+1)); done`,
      mount("shared"),
      { nodeId: "swapper" },
    );
    // What a container shows counts from when Busbar has looked at it: one that ends before is not compared.
    const [marks, go] = [join(base, "marks"), join(base, "go")];
    for (const folder of [marks, go]) mkdirSync(folder);
    // A look at one container may outlast it: it leaves the mark that it was begun under.
    const path = clientWith(
      (client) =>
        `cd '${marks}'; if [ "$2" = inspect ]; then mark=$(cat current); '${client}' "$@" > $$; code=$?; cat $$; ` +
        `! grep -q '"Running": true' $$ || touch "$mark"; exit $code; fi`,
    );
    const ends = new Set<string>();
    for (let made = 0; made < 5; made += 1) {
      writeFileSync(join(marks, "current"), `inspected-${made}`);
      rmSync(join(go, "now"), { force: true });
      let hasEnded = false;
      const running = run(
        "while [ ! -e /go/now ]; do sleep 0.1; done; ls /mnt",
        { options: [...mount("shared/victim").options, `--volume=${go}:/go:ro`] },
        { path },
      ).finally(() => {
        hasEnded = true;
      });
      await until(() => hasEnded || existsSync(join(marks, `inspected-${made}`)));
      // Busbar reads the container's mounts then: at once, on a busy machine a while later.
      await sleep(hasEnded ? 0 : 1500);
      writeFileSync(join(go, "now"), "");
      const { end, said } = await running;
      ends.add(end);
      if (end === "succeeded") assert.doesNotMatch(said, /passwd/);
    }
    writeFileSync(join(base, "shared/stop"), "");
    await swapper;
    for (const end of ends) assert.match(end, /^(?:succeeded|MOUNT_NOT_ALLOWED|MOUNT_MOVED|CONTAINER_NOT_STARTED)$/);
  });

  it("is refused by the executor itself where its host does not list it, whoever asks", async () => {
    const policy = policyOf();
    for (const [source, more, code] of [
      ["in/data", ":ro", "succeeded"],
      ["shared", "", "succeeded"],
      ["in/data", "", "POLICY_REFUSED"],
      ["shared/victim", ":ro", "POLICY_REFUSED"],
      ["elsewhere", ":ro", "POLICY_REFUSED"],
      ["in/none", ":ro", "MOUNT_NOT_FOUND"],
    ] as const) {
      const { end } = await run("true", mount(source, more), { policy });
      assert.equal(end, code, `${source}${more}`);
    }
    const other = await run("true", { image: "alpine:3", options: [] }, { policy });
    assert.equal(other.end, "POLICY_REFUSED");
    const option = await run("true", { options: ["--privileged"] }, { policy });
    assert.equal(option.end, "POLICY_REFUSED");
  });

  it("beside it, a container has the host's limits where it asks for none", async () => {
    const script = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; true";
    const { said } = await run(script, {}, { policy: policyOf() });
    assert.match(said, new RegExp(`^${64 * 2 ** 20}$`, "m"));
  });
});
