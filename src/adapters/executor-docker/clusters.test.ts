// Containers of clusters: their runs tell them apart, and those that nobody waits for are ended.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { type AttemptOnCluster, type Executor, LEAVE } from "../../ports/executor.ts";
import { createDockerAttempts, type DockerAttempts } from "../../testing/docker/attempts.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { requireDocker } from "../../testing/docker/engine.ts";
import { createSystemClock } from "../system/clock.ts";
import { createDockerExecutor } from "./executor.ts";
import { sweepStrays } from "./strays.ts";

const NEVER = new AbortController().signal;
const peer = requireDocker();
const tools = { clock: createSystemClock(), secrets: createSecrets(() => undefined) };

describe("containers of runs on clusters", { skip: peer.skip }, () => {
  let image: TestImage;
  let attempts: DockerAttempts;
  let executor: Executor;
  before(() => {
    if (!peer.found) return;
    image = busyboxImage(peer.peer);
    attempts = createDockerAttempts(image.tag);
    executor = createDockerExecutor(tools);
  });
  afterEach(() => attempts.clear());
  after(() => image?.remove());

  const on = (run: string, call: string) => ({ cluster: { run, call } });
  const statuses = () => attempts.containers().map(({ status }) => status);

  /** What a worker leaves that dies. */
  async function leave(attempt: ReturnType<DockerAttempts["attempt"]>): Promise<void> {
    const leaving = new AbortController();
    const outcome = executor.execute(attempt, leaving.signal);
    await attempt.log.holds("stdout", "up");
    leaving.abort(LEAVE);
    await outcome;
  }

  it("are found again by the same run, and not by one of another cluster that is called the same", async () => {
    const [run, other] = [randomUUID(), randomUUID()];
    const attempt = { ...attempts.attempt("echo up; sleep 1; exit 7"), ...on(run, "inv_1") };
    await leave(attempt);
    assert.equal((await executor.recover?.({ ...attempt, ...on(other, "inv_1") }, NEVER))?.found, "gone");
    const recovery = await executor.recover?.({ ...attempt, ...on(run, "inv_1") }, NEVER);
    assert.ok(recovery?.found === "running");
    assert.equal((await recovery.outcome).outcome, "failed");
  });

  it("are lost where no engine answers: another one may have them", async () => {
    const nowhere = createDockerExecutor({ ...tools, env: { ...process.env, DOCKER_HOST: "unix:///none.sock" } });
    const attempt = attempts.attempt("true");
    assert.equal((await nowhere.recover?.(attempt, NEVER))?.found, "outcome");
    assert.equal((await nowhere.recover?.({ ...attempt, ...on("run", "inv_1") }, NEVER))?.found, "gone");
  });

  it("give way to a later attempt of their node, and not to an earlier one", async () => {
    const run = randomUUID();
    const later = { ...attempts.attempt("echo up; sleep 1000", { runId: "turns" }), attempt: 2, ...on(run, "inv_2") };
    await leave(later);
    const earlier = { ...attempts.attempt("true", { runId: "turns" }), attempt: 1, ...on(run, "inv_1") };
    const refused = await executor.execute(earlier, NEVER);
    assert.equal(refused.outcome === "failed" && refused.error.code, "CONTAINER_NAME_TAKEN");
    assert.deepEqual(statuses(), ["running"]);
    const latest = { ...attempts.attempt("true", { runId: "turns" }), attempt: 3, ...on(run, "inv_3") };
    assert.equal((await executor.execute(latest, NEVER)).outcome, "succeeded");
  });

  it("are ended, running or not, where the cluster says twice that nobody waits for them", async () => {
    const [gone, kept] = ["inv_gone", "inv_kept"].map((call) => ({
      ...attempts.attempt("echo up; sleep 1000", { runId: `${attempts.prefix}-${call}` }),
      ...on(randomUUID(), call),
    }));
    assert.ok(gone !== undefined && kept !== undefined);
    await leave(gone);
    await leave(kept);
    const asked: string[][] = [];
    const selectOver = async (made: readonly AttemptOnCluster[]) => {
      const ours = made.filter(({ runId }) => runId.startsWith(attempts.prefix));
      asked.push(ours.map(({ runId }) => runId.slice(attempts.prefix.length + 1)).toSorted());
      // The second time one of them is there after all.
      return ours.filter(({ cluster }) => asked.length === 1 || cluster.call === gone.cluster.call);
    };
    await sweepStrays({ ...tools, selectOver });
    assert.deepEqual(asked[0], ["inv_gone", "inv_kept"]);
    assert.deepEqual(
      attempts.containers().map(({ labels }) => labels["busbar.owner"]),
      ["inv_kept"],
    );
  });
});
