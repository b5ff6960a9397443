import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDockerExecutor } from "../adapters/executor-docker/executor.ts";
import { createGrpcExecutor } from "../adapters/executor-grpc/executor.ts";
import { createSteppingClock } from "../kernel/clock.ts";
import { createSteppingIds } from "../kernel/ids.ts";
import { createSecrets } from "../kernel/secrets.ts";
import type { Executor } from "../ports/executor.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import { createExecutors } from "./executors.ts";

const shared = { clock: createSteppingClock(), secrets: createSecrets(() => undefined) };
const tools = { ...shared, ids: createSteppingIds() };

/** What the engine asks before anything is loaded. */
function abilitiesOf(executor: Executor): readonly string[] {
  return (["recover", "release", "sweep", "preflight"] as const).filter((name) => executor[name] !== undefined);
}

describe("executors that are loaded when they are used", () => {
  const real = { grpc: createGrpcExecutor(tools), docker: createDockerExecutor(shared) };
  for (const kind of ["grpc", "docker"] as const) {
    it(`can do what the ${kind} executor can, and nothing else`, () => {
      assert.deepEqual(abilitiesOf(createExecutors(tools)[kind]), abilitiesOf(real[kind]));
    });
  }

  it("close where none was ever used", async () => {
    const executors = createExecutors(tools);
    await executors.grpc.close();
    await executors.docker.close();
  });

  it("perform an attempt: the first one, which loads them, and those after it", async () => {
    const { grpc } = createExecutors(tools);
    const { services } = workflowOf("a");
    const service = services.get("service");
    assert.ok(service !== undefined);
    const attempt = {
      ...{ runId: "r", nodeId: "a", attempt: 1, idempotencyKey: "r/a", traceId: "1".repeat(32), timeoutMs: 1000 },
      ...{ request: { service: "service", input_file: "in", output_file: "out" }, service },
    };
    for (const _ of [1, 2]) {
      const { outcome } = await grpc.execute(attempt, AbortSignal.abort());
      assert.equal(outcome, "cancelled");
    }
    await grpc.close();
  });
});
