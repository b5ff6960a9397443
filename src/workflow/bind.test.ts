import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { summarize } from "../testing/diagnose.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import { bindWorkflow } from "./bind.ts";
import { diffNodes } from "./diff.ts";
import type { ParamValues } from "./model/param.ts";
import { requestOf } from "./node.ts";
import { parseWorkflow } from "./parse.ts";
import type { Workflow, WorkflowNode } from "./workflow.ts";

const file = resolve("/flows/a.json");

async function parse(tree: object): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName: "a.json", file, text: JSON.stringify(tree) });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const tree = {
  workflow_name: "bound",
  params: { dir: {}, port: { type: "integer", default: 50051 } },
  service_registry: {
    a: {
      address: "${params.dir}.example.org:${params.port}",
      tls: { ca_file: "certs/${params.dir}.pem", cert_file: "/abs/me.pem", key_file: "me.key", server_name: "a" },
      metadata: { "x-run": "${run.id}", authorization: "Bearer ${env.TOKEN}-${params.dir}" },
    },
    plain: "localhost:1",
  },
  containers: {
    a: { input_file: "/${params.dir}/in", output_file: "/out/${run.id}/${run.started_at}" },
    plain: { input_file: "$${in}", output_file: "./out" },
  },
};

const binding = (params: ParamValues) => ({ params, runId: "run-1", startedAt: "2025-01-01T00:00:00.000Z" });

describe("bindWorkflow", () => {
  it("fills references in, but env, and makes tls paths absolute from the folder of the file", async () => {
    const workflow = await parse(tree);
    const bound = bindWorkflow(workflow, binding({ dir: "d", port: 443 }));
    assert.ok(bound.ok);
    const [a, plain] = bound.value.nodes;
    assert.deepEqual(requestOf(a as WorkflowNode), {
      service: "a",
      input_file: "/d/in",
      output_file: "/out/run-1/2025-01-01T00:00:00.000Z",
    });
    assert.deepEqual(requestOf(plain as WorkflowNode), { service: "plain", input_file: "${in}", output_file: "./out" });
    const service = bound.value.services.get("a");
    assert.equal(service?.address, "d.example.org:443");
    assert.deepEqual(service?.tls, {
      caFile: resolve("/flows/certs/d.pem"),
      certFile: resolve("/flows", "/abs/me.pem"),
      keyFile: resolve("/flows/me.key"),
      serverName: "a",
    });
    assert.deepEqual(
      [...(service?.metadata ?? [])],
      [
        ["x-run", "run-1"],
        ["authorization", ["Bearer ", { scope: "env", name: "TOKEN" }, "-d"]],
      ],
    );
  });

  it("keeps nodes and services without references as they are", async () => {
    const workflow = await parse(tree);
    const bound = bindWorkflow(workflow, binding({ dir: "d", port: 443 }));
    assert.ok(bound.ok);
    assert.equal(bound.value.nodes[1], workflow.nodes[1]);
    assert.equal(bound.value.services.get("plain"), workflow.services.get("plain"));
    const literal = workflowOf("a > b");
    const same = bindWorkflow(literal, binding({}));
    assert.ok(same.ok && same.value.nodes === literal.nodes);
  });

  it("checks again what a param may have made wrong", async () => {
    const problems = async (params: ParamValues) => {
      const bound = bindWorkflow(await parse(tree), binding(params));
      return bound.ok ? [] : bound.error.map(summarize);
    };
    assert.deepEqual(await problems({ dir: "d", port: 0 }), ["WORKFLOW_INVALID_VALUE service_registry.a.address"]);
    assert.deepEqual(await problems({ dir: "ü\n", port: 1 }), [
      "WORKFLOW_INVALID_VALUE service_registry.a.metadata.authorization",
      "WORKFLOW_INVALID_VALUE service_registry.a.address",
    ]);
    const empty = await parse({ ...tree, containers: { plain: { input_file: "${params.dir}", output_file: "/out" } } });
    const bound = bindWorkflow(empty, binding({ dir: "", port: 1 }));
    assert.ok(!bound.ok);
    assert.ok(bound.error.map(summarize).includes("WORKFLOW_INVALID_VALUE containers.plain.input_file"));
  });

  it("sends no secret unencrypted to an address that a param has given", async () => {
    const open = await parse({
      ...tree,
      service_registry: {
        plain: { address: "${params.dir}:1", metadata: { token: "${env.TOKEN}" } },
      },
      containers: { plain: { input_file: "/in", output_file: "/out" } },
    });
    const away = bindWorkflow(open, binding({ dir: "example.org", port: 1 }));
    assert.ok(!away.ok);
    assert.deepEqual(away.error.map(summarize), ["WORKFLOW_SECRET_PLAINTEXT service_registry.plain.metadata.token"]);
    assert.ok(bindWorkflow(open, binding({ dir: "localhost", port: 1 })).ok);
  });

  it("names metadata as it is written, and points at it", async () => {
    const written = await parse({
      ...tree,
      service_registry: {
        plain: {
          address: "${params.dir}:1",
          metadata: { Authorization: "Bearer ${env.TOKEN}", "X-Title": "${params.title}" },
        },
      },
      params: { dir: {}, title: {} },
      containers: { plain: { input_file: "/in", output_file: "/out" } },
    });
    const bound = bindWorkflow(written, binding({ dir: "example.org", title: "ü" }));
    assert.ok(!bound.ok);
    assert.deepEqual(bound.error.map(summarize), [
      "WORKFLOW_INVALID_VALUE service_registry.plain.metadata.X-Title",
      "WORKFLOW_SECRET_PLAINTEXT service_registry.plain.metadata.Authorization",
    ]);
    assert.match(bound.error[0]?.message ?? "", /^metadata "X-Title" has a character/);
    assert.match(bound.error[1]?.message ?? "", /^metadata "Authorization" of "plain" would travel/);
  });
});

describe("the key of a concurrency", () => {
  const concurrent = (key: string) =>
    parse({
      ...tree,
      concurrency: { max_runs: 1, key, when_full: "reject" },
      containers: { plain: tree.containers.plain },
    });

  it("is filled in from params, and stays as it is without them", async () => {
    const bound = bindWorkflow(await concurrent("${params.dir}:${params.port}"), binding({ dir: "d", port: 443 }));
    assert.ok(bound.ok);
    assert.deepEqual(bound.value.concurrency, { maxRuns: 1, key: "d:443", whenFull: "reject" });
    const plain = bindWorkflow(await concurrent("all"), binding({ dir: "d", port: 1 }));
    assert.equal(plain.ok && plain.value.concurrency?.key, "all");
  });

  it("is refused where params leave nothing of it", async () => {
    const bound = bindWorkflow(await concurrent("${params.dir}"), binding({ dir: "", port: 1 }));
    assert.ok(!bound.ok);
    assert.ok(bound.error.map(summarize).includes("WORKFLOW_INVALID_VALUE concurrency.key"));
  });
});

describe("requestOf", () => {
  it("says what a docker node says, and no more", async () => {
    const workflow = await parse({
      workflow_name: "d",
      containers: [
        { id: "a", command: "docker run -v /a:/b i" },
        { id: "b", command: "docker run -v /a:/b i", input_file: "in", output_file: "out" },
      ],
    });
    const request = { program: "docker", options: ["--volume=/a:/b"], image: "i", args: [] };
    assert.deepEqual(workflow.nodes.map(requestOf), [request, { ...request, input_file: "in", output_file: "out" }]);
  });

  it("is a mistake before references are filled in", async () => {
    const workflow = await parse(tree);
    assert.throws(() => requestOf(workflow.nodes[0] as WorkflowNode), TypeError);
  });
});

describe("diffNodes", () => {
  const differences = (...input: Parameters<typeof diffNodes>) => [...diffNodes(...input).values()].flat();
  const before = workflowOf("fetch > clean > report; fetch > archive");

  it("accepts changes of nodes that have not succeeded, of policies, and new nodes", () => {
    const after = workflowOf("new; fetch > clean > report, new2", {
      timeoutMs: 1,
      retry: { maxAttempts: 1 },
      nodes: { report: { outputFile: "/elsewhere" } },
    });
    assert.deepEqual(differences(before, after, ["fetch", "clean"]), []);
  });

  it("says what has changed of each node that has succeeded", () => {
    const after = workflowOf("fetch > clean; other > clean; report", {
      nodes: { fetch: { inputFile: "/new", service: "service" } },
    });
    assert.deepEqual(differences(before, after, ["fetch", "clean", "report", "archive"]), [
      '"fetch": its input_file was "/in/fetch" and is now "/new"',
      '"clean": it now depends on "other"',
      '"report": it no longer depends on "clean"',
      '"archive" is no longer in the file',
    ]);
  });

  it("compares upstream as a set, and sees another executor or service", () => {
    const one = workflowOf("a, b > c");
    const other = workflowOf("b, a > c", { services: { x: "localhost:1" } });
    assert.deepEqual(differences(one, other, ["c"]), ['"c": its service was "service" and is now "x"']);
    const container = { program: "docker", options: [], image: "i", args: [], env: {}, allow: [] };
    const docker: Workflow = {
      ...one,
      nodes: one.nodes.map((node) => ({ ...node, executor: "docker", container }) as WorkflowNode),
    };
    assert.deepEqual(differences(one, docker, ["a"]), ['"a": its executor was grpc and is now docker']);
  });
});
