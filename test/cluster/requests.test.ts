// What is asked of a run of a cluster while its drives come and go: everybody is answered, and the history is sound.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ATTEMPT_SERVICE, RUN_OBJECT } from "../../src/adapters/restate/names.ts";
import type { RequestKind } from "../../src/engine/requests.ts";
import { type ErrorInfo, toErrorInfo } from "../../src/kernel/errors.ts";
import type { RequestResult } from "../../src/ports/runtime.ts";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { createOperator, type Operator } from "../../src/testing/restate/operator.ts";
import { checkRules, start } from "../../src/testing/runtime-harness.ts";
import { until } from "../../src/testing/until.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

const { skip } = requireRestate();
const KINDS: readonly RequestKind[] = ["pause", "unpause", "cancel"];
/** What is asked as a run ends is asked so many times, a millisecond later each time. */
const ROUNDS = 24;
/** And so many times more where that was always too early, after twice the time each; or too late, of twice the nodes. */
const LATER_ROUNDS = 7;

describe("requests to a run of a cluster", { skip, timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let operator: Operator;
  const executor = createFakeExecutor((attempt, signal) =>
    attempt.runId.startsWith("held") ? untilAborted(signal) : SUCCEEDED,
  );

  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    operator = createOperator(cluster.admin);
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
  });
  after(() => cluster?.close());

  const ask = (runId: string, kind: RequestKind, key: string): Promise<RequestResult | ErrorInfo> =>
    cluster.runtime.request({ runId, kind, key, by: "test" }).catch((thrown: unknown) => toErrorInfo(thrown));
  const killDrive = (key: string) => operator.end({ service: RUN_OBJECT, key, handler: "drive" }, "kill");
  /** The answer, or why there is none any more. */
  const wordOf = (result: RequestResult | ErrorInfo): string => {
    if ("code" in result) return result.code;
    return result.kind === "refused" ? result.error.code : result.kind;
  };

  it("are answered whenever they come while it is taken up again, as often as its drive is killed (R3)", async () => {
    for (let round = 0; round < 6; round += 1) {
      const runId = `held-${round}`;
      const workflow = workflowOf("a > b; c");
      await start(cluster.runtime, workflow, runId);
      const answers: Promise<RequestResult | ErrorInfo>[] = [];
      for (const kind of ["pause", "unpause", "pause"] as const) {
        answers.push(ask(runId, kind, `${kind} ${answers.length}`));
        await sleep(round * 2);
        await killDrive(runId);
        answers.push(ask(runId, "unpause", `between ${answers.length}`));
        const resumed = await cluster.runtime.resume(runId, { by: "test" }).catch(toErrorInfo);
        if ("code" in resumed) assert.match(resumed.code, /^(RUN_OWNED|JOURNAL_FENCED)$/);
      }
      for (const answer of answers) assert.match(wordOf(await answer), /^(applied|RUN_NOT_PAUSED|REQUEST_SUPERSEDED)$/);
      assert.match(wordOf(await ask(runId, "cancel", "end")), /^applied$/);
      await cluster.runtime.wait(runId);
      await checkRules(cluster.runtime, runId, workflow);
    }
  });

  it("are answered or told that it has ended, where they come as it ends (R3)", async () => {
    const words = new Set<string>();
    const hasEnded = () => words.has("RUN_ALREADY_ENDED");
    const hasBoth = () => hasEnded() && words.size > 1;
    for (let round = 0; round < ROUNDS || (round < ROUNDS + LATER_ROUNDS && !hasBoth()); round += 1) {
      const runId = `short-${round}`;
      const growth = 2 ** Math.max(0, round - ROUNDS + 1);
      const isTooLate = growth > 1 && hasEnded();
      const ids = Array.from({ length: isTooLate ? 2 * growth : 2 }, (_, index) => `n${index}`);
      const workflow = workflowOf(ids.join(" > "));
      await start(cluster.runtime, workflow, runId);
      await sleep(isTooLate ? 0 : Math.min(round, ROUNDS) * growth);
      const kind = KINDS[round % KINDS.length] ?? "cancel";
      const word = wordOf(await ask(runId, kind, "k"));
      words.add(word);
      assert.match(word, /^(applied|RUN_NOT_PAUSED|RUN_ALREADY_ENDED)$/);
      if (kind === "pause" && word === "applied") await ask(runId, "unpause", "go on");
      await cluster.runtime.wait(runId);
      await checkRules(cluster.runtime, runId, workflow);
    }
    assert.ok(hasBoth(), [...words].join());
  });

  it("by those who kill an attempt lose it, and it is made again with its key (E4)", async () => {
    const workflow = workflowOf("a");
    await start(cluster.runtime, workflow, "held-killed");
    const attempts = () => executor.attempts.filter(({ runId }) => runId === "held-killed");
    await until(() => attempts().length !== 0);
    const [attempt] = await cluster.query(
      `SELECT id FROM sys_invocation WHERE target_service_name = '${ATTEMPT_SERVICE}' AND status <> 'completed'`,
    );
    await cluster.kill(String(attempt?.id));
    await until(() => attempts().length !== 1);
    assert.deepEqual(
      attempts().map((one) => [one.attempt, one.idempotencyKey]),
      [1, 2].map((number) => [number, "held-killed/a/1"]),
    );
    assert.equal(wordOf(await ask("held-killed", "cancel", "end")), "applied");
    assert.equal((await cluster.runtime.wait("held-killed")).type, "run.cancelled");
    await checkRules(cluster.runtime, "held-killed", workflow);
  });
});
