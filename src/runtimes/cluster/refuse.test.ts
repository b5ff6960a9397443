import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWorkflow } from "../../testing/workflow-of.ts";
import { refuseForCluster } from "./refuse.ts";

const sized = (size: number, maxParallel: number) =>
  createWorkflow(
    "large",
    Array.from({ length: size }, (_, index) => `n${index}`),
    [],
    { definition: "name", maxParallel },
  );

describe("what a cluster refuses", () => {
  it("is more nodes than a drive is replayed with in seconds", () => {
    refuseForCluster(sized(10_000, 100));
    assert.throws(() => refuseForCluster(sized(10_001, 1)), {
      code: "CLUSTER_TOO_LARGE",
      message: "the workflow has 10001 nodes; a cluster takes at most 10000",
    });
  });

  it("is more of them at once, unless there are so few", () => {
    refuseForCluster(sized(1_000, 1_000_000));
    assert.throws(() => refuseForCluster(sized(5_000, 201)), {
      code: "CLUSTER_TOO_LARGE",
      message: "max_parallel is 201; a cluster takes at most 200 for 5000 nodes",
    });
  });

  it("is a file that Restate would not carry", () => {
    const workflow = sized(1, 1);
    const text = '"'.repeat(8 * 1024 * 1024);
    assert.throws(() => refuseForCluster({ ...workflow, definition: { ...workflow.definition, text } }), {
      code: "CLUSTER_TOO_LARGE",
      message: "the workflow takes 16777218 bytes as JSON; a cluster takes at most 16777216",
    });
  });

  it("is a limit of attempts at an address, which it could not keep to", () => {
    const services = { service: { address: "localhost:1", maxConcurrency: 3 } };
    assert.throws(() => refuseForCluster(createWorkflow("limited", ["a"], [], { services })), {
      code: "CLUSTER_NO_LIMITS",
    });
  });
});
