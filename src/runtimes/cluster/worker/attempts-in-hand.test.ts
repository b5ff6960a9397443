import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { AttemptInput } from "../../../adapters/restate/wire.ts";
import { createSteppingClock } from "../../../kernel/clock.ts";
import { createSecrets } from "../../../kernel/secrets.ts";
import type { Executor } from "../../../ports/executor.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../../testing/fake-executor.ts";
import { readDefinition } from "../../../testing/read-definition.ts";
import { createAttemptsInHand } from "./attempts-in-hand.ts";
import type { WorkerTools } from "./tools.ts";

const INPUT: AttemptInput = {
  ...{ runId: "run", nodeId: "a", attempt: 1, executor: "grpc", idempotencyKey: "run/a/1", timeoutMs: 1000 },
  ...{ request: {}, keepsLog: false },
};
const LOST = { outcome: "lost" };

/** A process, with what it keeps to itself. */
function startProcess(executor: Executor, more: Partial<WorkerTools> = {}) {
  const clock = createSteppingClock();
  const secrets = createSecrets(() => undefined);
  const onTrouble = (trouble: unknown): void => assert.fail(String(trouble));
  const attempts = createAttemptsInHand({
    ...{ executors: { grpc: executor }, clock, secrets, readDefinition, onTrouble },
    ...more,
  });
  return { clock, attempts };
}

/** Restate asks; `hangUp` breaks the connection. */
function ask() {
  const controller = new AbortController();
  return { caller: controller.signal, hangUp: () => controller.abort() };
}

describe("the attempts in hand", () => {
  it("makes one that it began", async () => {
    const executor = createFakeExecutor();
    const { attempts } = startProcess(executor);
    const { caller } = ask();
    const begunBy = attempts.begin("inv", caller);
    assert.deepEqual(await attempts.make("inv", begunBy, INPUT, caller), SUCCEEDED);
    assert.deepEqual(
      executor.attempts.map(({ idempotencyKey }) => idempotencyKey),
      ["run/a/1"],
    );
  });

  it("keeps the answers of the last thousand that nobody asks for any more, and no others", async () => {
    const executor = createFakeExecutor();
    const { attempts } = startProcess(executor);
    let begunBy = "";
    for (let index = 0; index <= 1000; index += 1) {
      const { caller, hangUp } = ask();
      begunBy = attempts.begin(`inv-${index}`, caller);
      assert.deepEqual(await attempts.make(`inv-${index}`, begunBy, INPUT, caller), SUCCEEDED);
      hangUp();
    }
    const again = (index: number) => attempts.make(`inv-${index}`, begunBy, INPUT, ask().caller);
    assert.deepEqual([await again(0), await again(1), await again(1000)], [LOST, SUCCEEDED, SUCCEEDED]);
    assert.equal(executor.attempts.length, 1001);
  });

  it("gives who asks again what the first asking began", async () => {
    const gate = createGate<typeof SUCCEEDED>();
    const executor = createFakeExecutor(() => gate.promise);
    const { attempts, clock } = startProcess(executor);
    const [first, second] = [ask(), ask()];
    const begunBy = attempts.begin("inv", first.caller);
    const made = attempts.make("inv", begunBy, INPUT, first.caller);
    first.hangUp();
    clock.advance(50_000);
    const again = attempts.make("inv", begunBy, INPUT, second.caller);
    clock.advance(50_000);
    gate.open(SUCCEEDED);
    assert.deepEqual([await made, await again, executor.attempts.length], [SUCCEEDED, SUCCEEDED, 1]);
  });

  it("answers that another process's is lost, and makes nothing", async () => {
    const executor = createFakeExecutor();
    const [one, other] = [startProcess(executor), startProcess(executor)];
    const begunBy = one.attempts.begin("inv", ask().caller);
    assert.deepEqual(await other.attempts.make("inv", begunBy, INPUT, ask().caller), LOST);
    assert.equal(executor.attempts.length, 0);
  });

  it("does not make what it began where another process's begin is the one that was recorded", async () => {
    const executor = createFakeExecutor();
    const [one, other] = [startProcess(executor), startProcess(executor)];
    const first = ask();
    one.attempts.begin("inv", first.caller);
    first.hangUp();
    const begunBy = other.attempts.begin("inv", ask().caller);
    assert.deepEqual(await one.attempts.make("inv", begunBy, INPUT, ask().caller), LOST);
    assert.equal(executor.attempts.length, 0);
  });

  it("gives what is left of another process's attempt, where the executor finds it", async () => {
    const executor: Executor = {
      ...createFakeExecutor(() => assert.fail("it is made again")),
      recover: async () => ({ found: "outcome", outcome: SUCCEEDED }),
    };
    const { attempts } = startProcess(executor);
    assert.deepEqual(await attempts.make("inv", "another process", INPUT, ask().caller), SUCCEEDED);
  });

  it("ends one that nobody has asked for in a minute, lets go of what was kept, and has lost it", async () => {
    const released: string[] = [];
    const executor = createFakeExecutor((_, signal) => untilAborted(signal));
    const { attempts, clock } = startProcess({ ...executor, release: ({ nodeId }) => void released.push(nodeId) });
    const first = ask();
    const begunBy = attempts.begin("inv", first.caller);
    const made = attempts.make("inv", begunBy, INPUT, first.caller);
    await turn();
    first.hangUp();
    clock.advance(59_999);
    await turn();
    assert.equal(executor.attempts.length, 1);
    assert.deepEqual(released, []);
    clock.advance(1);
    assert.equal((await made).outcome, "cancelled");
    await turn();
    assert.deepEqual(released, ["a"]);
    assert.deepEqual(await attempts.make("inv", begunBy, INPUT, ask().caller), LOST);
    assert.equal(executor.attempts.length, 1);
  });

  it("leaves what another worker can find again, and says so", async () => {
    const reasons: unknown[] = [];
    const released: string[] = [];
    const executor = createFakeExecutor(async (_, signal) => {
      const outcome = await untilAborted(signal);
      reasons.push(signal.reason);
      return outcome;
    });
    const left: string[] = [];
    const { attempts, clock } = startProcess(
      {
        ...executor,
        recover: async () => ({ found: "gone" }),
        release: ({ nodeId }) => void released.push(nodeId),
      },
      { onLeft: () => void left.push("left") },
    );
    const { caller, hangUp } = ask();
    void attempts.make("inv", attempts.begin("inv", caller), INPUT, caller);
    await turn();
    hangUp();
    clock.advance(60_000);
    await turn();
    assert.deepEqual([reasons, released, left], [["leave"], [], ["left"]]);
  });

  it("tells executors whose an attempt is, and their logs on which machine it is made", async () => {
    const executor = createFakeExecutor(async ({ openLog }) => {
      openLog?.().write("stdout", "out");
      return SUCCEEDED;
    });
    const written: string[] = [];
    const write = (_: string, chunk: string | Uint8Array): void => void written.push(String(chunk));
    const open = () => ({ write, restart: () => undefined, end: () => undefined });
    const { attempts } = startProcess(executor, { logs: { open } });
    const { caller } = ask();
    const input = { ...INPUT, keepsLog: true, identity: "this run" };
    await attempts.make("inv", attempts.begin("inv", caller), input, caller);
    assert.deepEqual(executor.attempts[0]?.cluster, { run: "this run", call: "inv" });
    assert.deepEqual(written, [`made by a worker on ${hostname()}\n`, "out"]);
  });

  it("does not begin what it reads late, where the end of the connection comes behind it", async () => {
    const executor = createFakeExecutor();
    const { attempts, clock } = startProcess(executor);
    const stopped = ask();
    const begunBy = attempts.begin("inv", stopped.caller);
    clock.advance(5_000);
    const made = attempts.make("inv", begunBy, INPUT, stopped.caller);
    stopped.hangUp();
    clock.advance(500);
    await assert.rejects(made);
    assert.equal(executor.attempts.length, 0);
    const again = ask();
    const late = attempts.make("inv", begunBy, INPUT, again.caller);
    clock.advance(500);
    assert.deepEqual(await late, SUCCEEDED);
  });

  it("begins nothing for who has hung up", async () => {
    const executor = createFakeExecutor();
    const { attempts } = startProcess(executor);
    const { caller, hangUp } = ask();
    const begunBy = attempts.begin("inv", caller);
    hangUp();
    await assert.rejects(attempts.make("inv", begunBy, INPUT, caller));
    assert.equal(executor.attempts.length, 0);
  });

  it("aborts one that is cancelled", async () => {
    const { attempts } = startProcess(createFakeExecutor((_, signal) => untilAborted(signal)));
    const { caller } = ask();
    const made = attempts.make("inv", attempts.begin("inv", caller), INPUT, caller);
    attempts.abort("inv");
    assert.equal((await made).outcome, "cancelled");
  });

  it("lets go of what was kept once its answer is durable, and forgets it", async () => {
    const released: string[] = [];
    const { attempts, clock } = startProcess({
      ...createFakeExecutor(),
      release: ({ nodeId }) => void released.push(nodeId),
    });
    const { caller, hangUp } = ask();
    await attempts.make("inv", attempts.begin("inv", caller), INPUT, caller);
    assert.deepEqual(released, []);
    attempts.release("inv", INPUT);
    hangUp();
    assert.deepEqual([released, clock.pending()], [["a"], 0]);
  });

  it("leaves what it makes to others when the process ends", async () => {
    const reasons: unknown[] = [];
    const executor = createFakeExecutor(async (_, signal) => {
      const outcome = await untilAborted(signal);
      reasons.push(signal.reason);
      return outcome;
    });
    const { attempts } = startProcess(executor);
    const { caller } = ask();
    const begunBy = attempts.begin("inv", caller);
    const made = attempts.make("inv", begunBy, INPUT, caller);
    await turn();
    await attempts.leave();
    assert.deepEqual(reasons, ["leave"]);
    await made;
    assert.deepEqual(await attempts.make("inv", begunBy, INPUT, ask().caller), LOST);
  });
});
