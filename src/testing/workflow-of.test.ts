import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSeededRandom } from "../kernel/random.ts";
import { parseWorkflow } from "../workflow/parse.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { anyGraph, randomWorkflowText } from "./graphs.ts";
import { createWorkflow, workflowOf } from "./workflow-of.ts";

async function parse(text: string): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName: "a.json", text });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const edges = fc.tuple(fc.constantFrom("retry", "fail"), fc.constantFrom("stop", "continue"));
const seconds = fc.integer({ min: 1, max: 2_000_000_000 });
const text = fc.string({ minLength: 1, maxLength: 10 });

describe("workflowOf", () => {
  it("reads chains, and lists that fan out and in", () => {
    const workflow = workflowOf("a, b > c > d; a > e; f");
    assert.deepEqual(workflow.graph.ids, ["a", "b", "c", "d", "e", "f"]);
    assert.deepEqual(workflow.graph.downstream, [[2, 4], [2], [3], [], [], []]);
  });

  it("has a definition that parses to the same workflow", async () => {
    const workflow = workflowOf("fetch > clean > report; fetch > archive", {
      onFailure: "continue",
      maxParallel: 3,
      totalTimeoutMs: 1500,
      retry: { maxAttempts: 2, retryOn: ["ABORTED", "FAILURE_REPLY"] },
      onLost: "fail",
      nodes: { clean: { timeoutMs: 570, inputFile: "a$${", name: "Clean" } },
      params: [{ name: "dir", type: "integer", default: 3, description: "d" }],
    });
    assert.deepEqual(await parse(workflow.definition.text), workflow);
  });
});

describe("the workflow file", () => {
  it("says everything that a workflow holds: written out and read, it is the same (round trip)", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyGraph(),
        edges,
        seconds,
        seconds,
        text,
        text,
        async (graph, [onLost, onFailure], a, b, x, y) => {
          const links = graph.downstream.flatMap((list, from) => list.map((to): [number, number] => [from, to]));
          const workflow = createWorkflow("any", graph.ids, links, {
            definition: "full",
            onLost,
            onFailure,
            timeoutMs: a / 1000,
            retry: {
              maxAttempts: (a % 1000) + 1,
              initialBackoffMs: Math.min(a, b) / 1000,
              maxBackoffMs: Math.max(a, b) / 1000,
            },
            services: {
              one: "localhost:1",
              "two 🔌": {
                address: ["h", { scope: "params", name: "p" }, ":1"],
                tls: { caFile: x, serverName: "s" },
                metadata: new Map([["token", ["t", { scope: "env", name: "T" }]]]),
                health: "off",
                maxConcurrency: (b % 9) + 1,
                allowPlaintext: a % 2 === 0,
                proxy: b % 2 === 0 ? "auto" : "off",
              },
            },
            nodes: { n0: { service: "two 🔌", inputFile: x, outputFile: [{ scope: "run", name: "id" }, `/${y}`] } },
            params: [{ name: "p", type: "string", default: y }],
          });
          assert.deepEqual(await parse(workflow.definition.text), workflow);
        },
      ),
    );
  });
});

describe("createWorkflow", () => {
  it("makes 100,000 nodes with a definition of a few bytes", () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
    const workflow = createWorkflow(
      "large",
      ids,
      ids.slice(1).map((_, from) => [from, from + 1]),
    );
    assert.equal(workflow.nodes.length, 100_000);
    assert.ok(workflow.definition.text.length < 100);
  });
});

describe("randomWorkflowText", () => {
  it("is a valid file of the asked size, the same for the same seed", async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const shape = (["random", "chain", "fan"] as const)[seed % 3] ?? "random";
      const options = {
        nodes: 1 + (seed % 17),
        addresses: ["127.0.0.1:1", "127.0.0.1:2"],
        shape,
        top: { max_parallel: 2 },
        node: { timeout_seconds: 1 },
      };
      const written = randomWorkflowText(createSeededRandom(seed), options);
      assert.equal(written, randomWorkflowText(createSeededRandom(seed), options));
      const workflow = await parse(written);
      assert.equal(workflow.nodes.length, options.nodes);
      assert.equal(workflow.maxParallel, 2);
      if (shape === "chain") assert.ok(workflow.graph.downstream.every((list) => list.length <= 1));
    }
  });
});
