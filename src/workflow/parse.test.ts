// What a workflow file may say and what it may not (semantics.md, "Workflow file"; contracts.md §4).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { diagnose, parseBoth } from "../testing/diagnose.ts";
import type { GrpcNode } from "./kinds/grpc/node.ts";
import { parseWorkflow } from "./parse.ts";
import type { Workflow } from "./workflow.ts";

const fixtures = new URL("../../test/fixtures/workflow/", import.meta.url);
const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

type Tree = { [key: string]: unknown };

const node = (more: Tree = {}): Tree => ({ service: "s", input_file: "/in", output_file: "/out", ...more });
const docker = (more: Tree = {}): Tree => ({ command: "docker run -v /d:/data image", ...more });
/** A valid file with some keys replaced; undefined removes one. */
const file = (more: Tree = {}): Tree =>
  JSON.parse(
    JSON.stringify({
      workflow_name: "test",
      start_node: "a",
      service_registry: { s: "localhost:50051" },
      containers: { a: node() },
      ...more,
    }),
  );

async function valid(tree: unknown): Promise<Workflow> {
  const parsed = await parseBoth(tree);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

async function messages(tree: unknown): Promise<readonly string[]> {
  const parsed = await parseBoth(tree);
  return parsed.ok
    ? []
    : parsed.error.map(({ message, suggestion }) =>
        suggestion === undefined ? message : `${message} (${suggestion}?)`,
      );
}

describe("files of the original", () => {
  for (const name of [
    ...readdirSync(new URL("phase2/", fixtures)).map((one) => `phase2/${one}`),
    "phase1/energy-pipeline-volumes.json",
  ]) {
    it(`takes ${name} unchanged`, async () => {
      const workflow = await valid(fixture(name));
      assert.deepEqual(workflow.graph.ids, ["energy-generator", "energy-analyzer", "report-generator"]);
      assert.deepEqual(workflow.graph.downstream, [[1], [2], []]);
    });
  }

  it("passes paths and timeouts of a phase 2 file on as they read", async () => {
    const workflow = await valid(fixture("phase2/energy-pipeline.json"));
    const analyzer = workflow.nodes[1] as GrpcNode;
    assert.equal(workflow.name, "energy_data_pipeline_corrected");
    assert.equal(analyzer.executor, "grpc");
    assert.equal(analyzer.service, "energy-analyzer");
    assert.equal(analyzer.inputFile, "/data/energy_data.csv");
    assert.equal(analyzer.outputFile, "/data/analysis_output.pb");
    assert.equal(analyzer.timeoutMs, 60_000);
    assert.equal(workflow.services.get("energy-analyzer")?.address, "localhost:50052");
  });

  it("finds exactly the three missing volumes of the bad example, each at its command", async () => {
    assert.deepEqual(await diagnose(fixture("phase1/energy-pipeline.json")), [
      "WORKFLOW_MISSING_VOLUME containers.0.command",
      "WORKFLOW_MISSING_VOLUME containers.1.command",
      "WORKFLOW_MISSING_VOLUME containers.2.command",
    ]);
  });

  it("takes later phase 1 files, with start_node and next_node and containers by id", async () => {
    const list = await valid({
      workflow_name: "later",
      start_node: "a",
      containers: [
        { id: "a", ...docker({ next_node: "b" }) },
        { id: "b", ...docker({ next_node: null }) },
      ],
    });
    assert.deepEqual(list.graph.downstream, [[1], []]);
    const map = await valid({ workflow_name: "later", containers: { a: docker(), b: docker({ depends_on: ["a"] }) } });
    assert.deepEqual(
      map.nodes.map(({ executor }) => executor),
      ["docker", "docker"],
    );
  });
});

describe("fail fast, as the original demanded", () => {
  const phase2 = (more: Tree = {}, containers: Tree = {}): Tree => {
    const tree = fixture("phase2/energy-pipeline.json") as Tree;
    const merged = Object.entries(tree.containers as Tree).map(([id, one]) => [
      id,
      { ...(one as Tree), ...((containers[id] as Tree) ?? {}) },
    ]);
    return file({ ...tree, ...more, containers: Object.fromEntries(merged) });
  };
  const cases: readonly (readonly [string, Tree, readonly string[]])[] = [
    ["no start_node", phase2({ start_node: undefined }), ["WORKFLOW_MISSING_KEY"]],
    ["an empty start_node", phase2({ start_node: "" }), ["WORKFLOW_UNKNOWN_NODE start_node"]],
    ["an empty list of start nodes", phase2({ start_node: [] }), ["WORKFLOW_INVALID_VALUE start_node"]],
    ["an unknown start_node", phase2({ start_node: "nowhere" }), ["WORKFLOW_UNKNOWN_NODE start_node"]],
    [
      "an unknown next_node",
      phase2({}, { "report-generator": { next_node: "nowhere" } }),
      ["WORKFLOW_UNKNOWN_NODE containers.report-generator.next_node"],
    ],
    [
      "an unknown depends_on",
      phase2({}, { "energy-analyzer": { depends_on: ["energy-generator", "nowhere"] } }),
      ["WORKFLOW_UNKNOWN_NODE containers.energy-analyzer.depends_on.1"],
    ],
    [
      "a node without an address",
      phase2({ service_registry: { "energy-generator": "localhost:1", "energy-analyzer": "localhost:2" } }),
      ["WORKFLOW_UNKNOWN_SERVICE key:containers.report-generator"],
    ],
    [
      "an empty address",
      phase2({ service_registry: { "energy-generator": "", "energy-analyzer": "h:1", "report-generator": "h:2" } }),
      ["WORKFLOW_INVALID_VALUE service_registry.energy-generator"],
    ],
    [
      "an empty input_file",
      phase2({}, { "energy-analyzer": { input_file: "" } }),
      ["WORKFLOW_INVALID_VALUE containers.energy-analyzer.input_file"],
    ],
    [
      "an empty output_file",
      phase2({}, { "energy-analyzer": { output_file: "" } }),
      ["WORKFLOW_INVALID_VALUE containers.energy-analyzer.output_file"],
    ],
    [
      "an id that differs from its key",
      phase2({}, { "energy-analyzer": { id: "analyzer" } }),
      ["WORKFLOW_ID_MISMATCH containers.energy-analyzer.id"],
    ],
    [
      "a cycle",
      phase2({}, { "report-generator": { next_node: "energy-analyzer" } }),
      ["WORKFLOW_CYCLE containers.report-generator.next_node"],
    ],
    [
      "an unreachable node",
      phase2({}, { "energy-analyzer": { next_node: null } }),
      ["WORKFLOW_UNREACHABLE_NODE key:containers.report-generator"],
    ],
  ];
  for (const [name, tree, expected] of cases) {
    it(`refuses ${name}`, async () => assert.deepEqual(await diagnose(tree), expected));
  }

  it("refuses duplicate ids of a list", async () => {
    const containers = [
      { id: "a", ...docker() },
      { id: "a", ...docker() },
    ];
    assert.deepEqual(await diagnose({ workflow_name: "twice", containers }), [
      "WORKFLOW_DUPLICATE_NODE containers.1.id",
    ]);
  });

  it("tells all problems at once", async () => {
    const tree = phase2(
      { start_node: "energy-generater", workflow_name: undefined, on_failure: "continu" },
      {
        "energy-generator": { next_node: "energy-analyser", input_file: "" },
        "energy-analyzer": { id: "analyzer", timeout_seconds: "60" },
        "report-generator": { output_file: undefined, next_node: "energy-analyzer" },
      },
    );
    assert.deepEqual([...(await diagnose(tree))].sort(), [
      "WORKFLOW_CYCLE containers.report-generator.next_node",
      "WORKFLOW_ID_MISMATCH containers.energy-analyzer.id",
      "WORKFLOW_INVALID_VALUE containers.energy-generator.input_file",
      "WORKFLOW_INVALID_VALUE on_failure",
      "WORKFLOW_MISSING_KEY",
      "WORKFLOW_MISSING_KEY key:containers.report-generator",
      "WORKFLOW_UNKNOWN_NODE containers.energy-generator.next_node",
      "WORKFLOW_UNKNOWN_NODE start_node",
      "WORKFLOW_WRONG_TYPE containers.energy-analyzer.timeout_seconds",
    ]);
  });
});

describe("edges", () => {
  const two = (a: Tree, b: Tree, more: Tree = {}): Tree => file({ containers: { a: node(a), b: node(b) }, ...more });

  it("are the union of next_node and depends_on; from both ends it is the same edge", async () => {
    const workflow = await valid(two({ next_node: "b" }, { depends_on: "a" }));
    assert.deepEqual(workflow.graph.downstream, [[1], []]);
  });

  it("are an error when written twice from one end", async () => {
    assert.deepEqual(await diagnose(two({ next_node: ["b", "b"] }, {})), [
      "WORKFLOW_DUPLICATE_EDGE containers.a.next_node.1",
    ]);
    assert.deepEqual(await diagnose(two({}, { depends_on: ["a", "a"] })), [
      "WORKFLOW_DUPLICATE_EDGE containers.b.depends_on.1",
    ]);
  });

  it("take a name, a list or null from either end", async () => {
    assert.deepEqual((await valid(two({ next_node: ["b"] }, { next_node: null }))).graph.downstream, [[1], []]);
    assert.deepEqual((await valid(two({ depends_on: null }, { depends_on: ["a"] }))).graph.downstream, [[1], []]);
    assert.deepEqual(await diagnose(two({ next_node: 7 }, { depends_on: [1, "a"] })), [
      "WORKFLOW_WRONG_TYPE containers.a.next_node",
      "WORKFLOW_WRONG_TYPE containers.b.depends_on.0",
    ]);
  });

  it("need start_node only where a node has next_node", async () => {
    const workflow = await valid(two({}, { depends_on: "a" }, { start_node: undefined }));
    assert.deepEqual(workflow.graph.upstream, [[], [0]]);
    assert.deepEqual(await diagnose(two({ next_node: null }, { depends_on: "a" }, { start_node: undefined })), [
      "WORKFLOW_MISSING_KEY",
    ]);
  });

  it("refuse a start node that waits for another", async () => {
    assert.deepEqual(await diagnose(two({}, { depends_on: "a" }, { start_node: ["a", "b"] })), [
      "WORKFLOW_START_HAS_UPSTREAM start_node.1",
    ]);
  });

  it("report an unreachable group once, at its first node", async () => {
    const containers = {
      lost1: node({ next_node: ["lost2", "lost3"] }),
      a: node(),
      lost2: node(),
      lost3: node(),
      alone: node(),
    };
    assert.deepEqual(await messages(file({ containers })), [
      'no start node reaches "lost1", "lost2", "lost3"',
      'no start node reaches "alone"',
    ]);
  });

  it("report a cycle once, with stable text, also where nothing reaches it and where it is a single node", async () => {
    const containers = {
      c: node({ next_node: "b" }),
      b: node({ depends_on: "d", next_node: "d" }),
      d: node({ next_node: ["c", "d"] }),
    };
    assert.deepEqual(await messages(file({ start_node: undefined, containers })), [
      "start_node is missing; it may be left out only where no node has next_node",
      "these nodes wait for each other in a circle: c -> b -> d -> c",
    ]);
    assert.deepEqual(await diagnose(file({ containers: { a: node(), x: node({ depends_on: "x" }) } })), [
      "WORKFLOW_CYCLE containers.x.depends_on",
      "WORKFLOW_UNREACHABLE_NODE key:containers.x",
    ]);
  });

  it("do not report what follows from a misspelt name", async () => {
    assert.deepEqual(
      await messages(two({ next_node: "bb" }, {}, { containers: { a: node({ next_node: "begn" }), begin: node() } })),
      ['next_node "begn" does not exist (begin?)'],
    );
  });
});

describe("nodes", () => {
  it("are grpc by default, docker in a list or by command, or what execution_mode or executor say", async () => {
    const kinds = async (tree: unknown) => (await valid(tree)).nodes.map(({ executor }) => executor);
    assert.deepEqual(await kinds(file()), ["grpc"]);
    assert.deepEqual(await kinds(file({ execution_mode: "docker", containers: { a: docker() } })), ["docker"]);
    assert.deepEqual(
      await kinds(file({ containers: { a: node({ next_node: "b" }), b: docker({ executor: "docker" }) } })),
      ["grpc", "docker"],
    );
    assert.deepEqual(await kinds(file({ containers: [{ id: "a", executor: "grpc", ...node() }] })), ["grpc"]);
  });

  it("refuse keys of the other executor and unknown keys, with a suggestion", async () => {
    assert.deepEqual(
      await messages(
        file({
          start_node: ["a", "b"],
          containers: { a: node({ command: "docker run x", timout_seconds: 1 }), b: node() },
        }),
      ),
      [
        "command belongs to docker nodes; this one is grpc (executor: docker makes it one)",
        '"timout_seconds" is not a key of a grpc node (timeout_seconds?)',
      ],
    );
    assert.deepEqual(await messages(file({ containers: { a: docker({ executor: "docker", service: "s" }) } })), [
      "service belongs to grpc nodes; this one is docker",
    ]);
    assert.deepEqual(await messages(file({ max_paralel: 3 })), [
      '"max_paralel" is not a key of a workflow file (max_parallel?)',
    ]);
    assert.deepEqual(await diagnose(file({ containers: { a: node({ executor: "approval" }) } })), [
      "WORKFLOW_INVALID_VALUE containers.a.executor",
    ]);
  });

  it("leave keys that begin with x- and $schema to the user", async () => {
    await valid(
      file({
        $schema: "./workflow.schema.json",
        "x-owner": { any: ["thing", null] },
        service_registry: { s: { address: "localhost:1", "x-note": 1 } },
        containers: { a: node({ "x-team": "energy", retry: { "x-why": "flaky" } }) },
      }),
    );
    assert.deepEqual(await diagnose(file({ containers: { a: node({ $schema: "no" }) } })), [
      "WORKFLOW_UNKNOWN_KEY key:containers.a.$schema",
    ]);
  });

  it("refuse ids that are reserved, too long, or hold control characters", async () => {
    for (const id of ["a/b", "a[0]", "${a}", "a$", "", "x".repeat(101), "a\nb", "a\u0085b", "\ud800"]) {
      const expected = [`WORKFLOW_INVALID_VALUE key:containers.${id}`.trimEnd()];
      assert.deepEqual(
        await diagnose(file({ start_node: id, containers: { [id]: node() } })),
        expected,
        JSON.stringify(id),
      );
    }
    await valid(file({ start_node: "🔌".repeat(100), containers: { ["🔌".repeat(100)]: node() } }));
  });

  it("refuse keys that mean something to JavaScript, wherever names are free", async () => {
    const text = `{"workflow_name":"t","params":{"constructor":{}},"service_registry":{"__proto__":"localhost:1","s":"localhost:1"},
      "containers":{"__proto__":{"service":"s","input_file":"a","output_file":"b"},"a":{"service":"s","input_file":"a","output_file":"b","__proto__":{}}},
      "prototype":1,"x-mine":{"__proto__":{"polluted":true}}}`;
    assert.deepEqual([...(await diagnose(JSON.parse(text)))].sort(), [
      "WORKFLOW_FORBIDDEN_KEY key:containers.__proto__",
      "WORKFLOW_FORBIDDEN_KEY key:containers.a.__proto__",
      "WORKFLOW_FORBIDDEN_KEY key:params.constructor",
      "WORKFLOW_FORBIDDEN_KEY key:prototype",
      "WORKFLOW_FORBIDDEN_KEY key:service_registry.__proto__",
    ]);
    assert.equal(({} as Tree).polluted, undefined);
  });

  it("find nothing of JavaScript's own under names like toString", async () => {
    const workflow = await valid(
      file({
        start_node: "toString",
        service_registry: { valueOf: "localhost:1" },
        containers: { toString: { input_file: "a", output_file: "b", service: "valueOf" } },
      }),
    );
    assert.deepEqual(workflow.graph.ids, ["toString"]);
    assert.deepEqual(await diagnose(file({ start_node: "hasOwnProperty" })), ["WORKFLOW_UNKNOWN_NODE start_node"]);
    assert.deepEqual(await diagnose(file({ containers: { a: node({ service: "toString" }) } })), [
      "WORKFLOW_UNKNOWN_SERVICE containers.a.service",
    ]);
  });

  it("keep the order of the file, also where ids look like numbers", async () => {
    const text =
      `{"workflow_name":"t","start_node":"10","service_registry":{"s":"localhost:1"},"x":[],"x-list":[{"10":1}],"containers":{
      "10":{"service":"s","input_file":"i","output_file":"o","next_node":["9","b"]},
      "b":{"service":"s","input_file":"i","output_file":"o"},
      "9":{"service":"s","input_file":"i","output_file":"o","x-more":{"1":{},"0":[]}}}}`.replace('"x":[],', "");
    const json = await parseWorkflow({ fileName: "t.json", text });
    const yaml = await parseWorkflow({ fileName: "t.yaml", text });
    for (const parsed of [json, yaml]) {
      assert.ok(parsed.ok);
      assert.deepEqual(parsed.value.graph.ids, ["10", "b", "9"]);
      assert.deepEqual(parsed.value.graph.downstream, [[1, 2], [], []]);
    }
  });

  it("take timeouts above 0 and at most 2,000,000 seconds, to the microsecond", async () => {
    const timeout = async (value: unknown) => diagnose(file({ containers: { a: node({ timeout_seconds: value }) } }));
    assert.deepEqual(await timeout(2_000_000), []);
    assert.deepEqual(await timeout(0.001), []);
    for (const bad of [0, -1, 2_000_000.1, 1e300]) {
      assert.deepEqual(await timeout(bad), ["WORKFLOW_INVALID_VALUE containers.a.timeout_seconds"]);
    }
    for (const bad of ["30", "", true, [30]]) {
      assert.deepEqual(await timeout(bad), ["WORKFLOW_WRONG_TYPE containers.a.timeout_seconds"]);
    }
    const workflow = await valid(
      file({ containers: { a: node({ timeout_seconds: 0.57, total_timeout_seconds: 1.005 }) } }),
    );
    assert.deepEqual([workflow.nodes[0]?.timeoutMs, workflow.nodes[0]?.totalTimeoutMs], [570, 1005]);
  });

  it("fall back on defaults, and then on the documented values", async () => {
    const plain = await valid(file());
    assert.deepEqual(plain.nodes[0], {
      id: "a",
      executor: "grpc",
      service: "s",
      inputFile: "/in",
      outputFile: "/out",
      timeoutMs: 30_000,
      onLost: "retry",
      retry: {
        maxAttempts: 4,
        initialBackoffMs: 500,
        backoffMultiplier: 2,
        maxBackoffMs: 30_000,
        retryOn: ["UNAVAILABLE"],
      },
    });
    assert.deepEqual([plain.maxParallel, plain.onFailure, plain.totalTimeoutMs], [16, "stop", undefined]);
    const own = await valid(
      file({
        max_parallel: 2,
        on_failure: "continue",
        total_timeout_seconds: 9,
        defaults: {
          timeout_seconds: 5,
          on_lost: "fail",
          retry: { max_attempts: 2, retry_failure_reply: true, retryable_status_codes: ["ABORTED", "ABORTED"] },
        },
        containers: {
          a: node({ next_node: "b" }),
          b: node({ timeout_seconds: 6, retry: { initial_backoff_seconds: 1 } }),
        },
      }),
    );
    assert.deepEqual([own.maxParallel, own.onFailure, own.totalTimeoutMs], [2, "continue", 9000]);
    assert.deepEqual(
      own.nodes.map(({ timeoutMs, onLost }) => [timeoutMs, onLost]),
      [
        [5000, "fail"],
        [6000, "fail"],
      ],
    );
    assert.deepEqual(own.nodes[1]?.retry, {
      maxAttempts: 2,
      initialBackoffMs: 1000,
      backoffMultiplier: 2,
      maxBackoffMs: 30_000,
      retryOn: ["ABORTED", "FAILURE_REPLY"],
    });
  });

  it("refuse retry policies that make no sense", async () => {
    const retry = async (value: unknown) => diagnose(file({ containers: { a: node({ retry: value }) } }));
    const at = "containers.a.retry";
    assert.deepEqual(await retry({ max_attempts: 0 }), [`WORKFLOW_INVALID_VALUE ${at}.max_attempts`]);
    assert.deepEqual(await retry({ max_attempts: 1.5 }), [`WORKFLOW_WRONG_TYPE ${at}.max_attempts`]);
    assert.deepEqual(await retry({ backoff_multiplier: 0 }), [`WORKFLOW_INVALID_VALUE ${at}.backoff_multiplier`]);
    assert.deepEqual(await retry({ initial_backoff_seconds: 31 }), [
      `WORKFLOW_INVALID_VALUE ${at}.initial_backoff_seconds`,
    ]);
    assert.deepEqual(await retry({ retryable_status_codes: ["UNAVAILABEL", "OK", 14] }), [
      `WORKFLOW_INVALID_VALUE ${at}.retryable_status_codes.0`,
      `WORKFLOW_INVALID_VALUE ${at}.retryable_status_codes.1`,
      `WORKFLOW_WRONG_TYPE ${at}.retryable_status_codes.2`,
    ]);
    assert.deepEqual(await retry(3), [`WORKFLOW_WRONG_TYPE ${at}`]);
  });

  it("let docker nodes leave both paths out, but not leave them empty", async () => {
    const workflow = await valid({ workflow_name: "t", containers: [{ id: "a", ...docker() }] });
    assert.deepEqual(Object.hasOwn(workflow.nodes[0] ?? {}, "inputFile"), false);
    assert.deepEqual(await diagnose({ workflow_name: "t", containers: [{ id: "a", ...docker({ input_file: "" }) }] }), [
      "WORKFLOW_INVALID_VALUE containers.0.input_file",
    ]);
  });
});

describe("services", () => {
  const services = async (registry: Tree) => diagnose(file({ service_registry: { s: "localhost:1", ...registry } }));

  it("have an address: host:port, [ipv6]:port, dns:///…, ipv4:…, ipv6:… or unix:…", async () => {
    for (const address of [
      "localhost:50051",
      "energy_analyzer:1",
      "10.0.0.1:65535",
      "[::1]:50051",
      "[fe80::1%eth0]:1",
      "dns:///analyzer.example.org:443",
      "dns://8.8.8.8/analyzer:443",
      "unix:/run/a.sock",
      "unix:relative.sock",
      "unix:///run/a.sock",
      "bücher.example:1",
      "dns:analyzer:443",
      "ipv4:127.0.0.1:50051",
      "ipv4:10.0.0.1:1,10.0.0.2:65535",
      "ipv4:///10.0.0.1:1",
      "ipv6:[::1]:50051",
      "ipv6:[::1]:1,[fe80::1%eth0]:2",
    ]) {
      assert.deepEqual(await services({ t: address }), [], address);
      assert.deepEqual(await services({ t: { address } }), [], address);
    }
    for (const address of [
      "",
      "localhost",
      "localhost:",
      ":50051",
      "localhost:0",
      "localhost:65536",
      "::1:50051",
      "[::1]",
      "http://localhost:50051",
      "local host:1",
      "unix:",
      "localhost:50051/path",
      "ipv4:127.0.0.1",
      "ipv4:256.0.0.1:1",
      "ipv4:localhost:1",
      "ipv4:127.0.0.1:0",
      "ipv4:127.0.0.1:1,",
      "ipv4:127.0.0.1:1,10.0.0.1:65536",
      "ipv4:[::1]:1",
      "ipv6:127.0.0.1:1",
      "ipv6:::1:1",
      "[1234]:1",
      "http://[::1]:1",
    ]) {
      assert.deepEqual(await services({ t: address }), ["WORKFLOW_INVALID_VALUE service_registry.t"], address);
      assert.deepEqual(
        await services({ t: { address } }),
        ["WORKFLOW_INVALID_VALUE service_registry.t.address"],
        address,
      );
    }
  });

  it("are wrong without an address, or as anything but a text or an object", async () => {
    assert.deepEqual(await services({ t: {} }), ["WORKFLOW_MISSING_KEY key:service_registry.t"]);
    assert.deepEqual(await services({ t: 50051 }), ["WORKFLOW_WRONG_TYPE service_registry.t"]);
    assert.deepEqual(await diagnose(file({ service_registry: undefined })), ["WORKFLOW_MISSING_KEY"]);
    assert.deepEqual(await diagnose(file({ service_registry: ["localhost:1"] })), [
      "WORKFLOW_WRONG_TYPE service_registry",
      "WORKFLOW_UNKNOWN_SERVICE containers.a.service",
    ]);
  });

  it("say what holds where they say nothing", async () => {
    const workflow = await valid(
      file({
        service_registry: {
          s: "localhost:1",
          full: {
            address: "analyzer.example.org:443",
            tls: { ca_file: "ca.pem", cert_file: "me.pem", key_file: "me.key", server_name: "analyzer" },
            metadata: { Authorization: "Bearer ${env.TOKEN}", "x-api-key": "k" },
            health: "required",
            max_concurrency: 4,
            max_message_bytes: 1,
            allow_plaintext: true,
            proxy: "off",
          },
        },
      }),
    );
    assert.deepEqual(workflow.services.get("s"), {
      name: "s",
      address: "localhost:1",
      metadata: new Map(),
      health: "optional",
      maxMessageBytes: 4_194_304,
      allowPlaintext: false,
      proxy: "auto",
    });
    assert.deepEqual(workflow.services.get("full"), {
      name: "full",
      address: "analyzer.example.org:443",
      tls: { caFile: "ca.pem", certFile: "me.pem", keyFile: "me.key", serverName: "analyzer" },
      metadata: new Map<string, unknown>([
        ["authorization", ["Bearer ", { scope: "env", name: "TOKEN" }]],
        ["x-api-key", "k"],
      ]),
      metadataAsWritten: new Map([["authorization", "Authorization"]]),
      health: "required",
      maxConcurrency: 4,
      maxMessageBytes: 1,
      allowPlaintext: true,
      proxy: "off",
    });
  });

  it("need key and certificate together", async () => {
    assert.deepEqual(await services({ t: { address: "h:1", tls: { cert_file: "c" } } }), [
      "WORKFLOW_MISSING_KEY key:service_registry.t.tls",
    ]);
    assert.deepEqual(await services({ t: { address: "h:1", tls: true } }), [
      "WORKFLOW_WRONG_TYPE service_registry.t.tls",
    ]);
    assert.deepEqual(await services({ t: { address: "h:1", tls: {} } }), []);
  });

  it("refuse metadata that gRPC or Busbar sets, that gRPC cannot carry, or that differs in case only", async () => {
    const metadata = {
      "grpc-timeout": "1",
      "x-busbar-node": "n",
      "idempotency-key": "k",
      "trace-bin": "AA==",
      "not a name": "v",
      umlaut: "ü",
      newline: "a\nb",
      number: 1,
      Token: "a",
      token: "b",
    };
    assert.deepEqual([...(await services({ t: { address: "h:1", metadata } }))].sort(), [
      "WORKFLOW_DUPLICATE_KEY key:service_registry.t.metadata.token",
      "WORKFLOW_INVALID_VALUE key:service_registry.t.metadata.grpc-timeout",
      "WORKFLOW_INVALID_VALUE key:service_registry.t.metadata.idempotency-key",
      "WORKFLOW_INVALID_VALUE key:service_registry.t.metadata.not a name",
      "WORKFLOW_INVALID_VALUE key:service_registry.t.metadata.trace-bin",
      "WORKFLOW_INVALID_VALUE key:service_registry.t.metadata.x-busbar-node",
      "WORKFLOW_INVALID_VALUE service_registry.t.metadata.newline",
      "WORKFLOW_INVALID_VALUE service_registry.t.metadata.umlaut",
      "WORKFLOW_WRONG_TYPE service_registry.t.metadata.number",
    ]);
  });

  it("send no secret unencrypted, but over loopback or where the file allows it", async () => {
    const secret = (address: string, more: Tree = {}) =>
      services({ t: { address, metadata: { Authorization: "Bearer ${env.TOKEN}" }, ...more } });
    const at = ["WORKFLOW_SECRET_PLAINTEXT service_registry.t.metadata.Authorization"];
    for (const address of [
      "example.org:1",
      "10.0.0.1:1",
      "128.0.0.1:1",
      "[::2]:1",
      "localhost.example.org:1",
      "dns:///h:1",
    ]) {
      assert.deepEqual(await secret(address), at, address);
      assert.deepEqual(await secret(address, { tls: {} }), [], address);
      assert.deepEqual(await secret(address, { allow_plaintext: true }), [], address);
    }
    for (const address of [
      "localhost:1",
      "LOCALHOST:1",
      "127.0.0.1:1",
      "127.9.9.9:1",
      "[::1]:1",
      "unix:/run/x",
      "dns:///localhost:1",
    ]) {
      assert.deepEqual(await secret(address), [], address);
    }
    assert.deepEqual(await services({ t: { address: "h:1", metadata: { key: "plain" } } }), []);
  });
});

describe("the top of the file", () => {
  it("is an object with a name and containers", async () => {
    for (const tree of [null, [], "text", 1]) assert.deepEqual(await diagnose(tree), ["WORKFLOW_WRONG_TYPE"]);
    assert.deepEqual(await diagnose({}), ["WORKFLOW_MISSING_KEY", "WORKFLOW_MISSING_KEY"]);
    for (const containers of [{}, []]) {
      assert.deepEqual(await diagnose({ workflow_name: "t", containers }), ["WORKFLOW_INVALID_VALUE containers"]);
    }
    assert.deepEqual(await diagnose({ workflow_name: "t", containers: "a" }), ["WORKFLOW_WRONG_TYPE containers"]);
    assert.deepEqual(await diagnose(file({ workflow_name: "" })), ["WORKFLOW_INVALID_VALUE workflow_name"]);
    assert.deepEqual(await diagnose(file({ containers: { a: 1 } })), ["WORKFLOW_WRONG_TYPE containers.a"]);
  });

  it("is told by the name of the file", async () => {
    for (const fileName of ["a.json", "A.JSON"])
      assert.ok((await parseWorkflow({ fileName, text: JSON.stringify(file()) })).ok);
    for (const fileName of ["a.yaml", "a.YML"])
      assert.ok((await parseWorkflow({ fileName, text: JSON.stringify(file()) })).ok);
    for (const fileName of ["a", "a.toml", "json", "a.json.bak"]) {
      await assert.rejects(parseWorkflow({ fileName, text: "{}" }), { code: "FILE_TYPE_UNKNOWN", exitCode: 2 });
    }
  });

  it("may begin with a byte order mark", async () => {
    for (const fileName of ["a.json", "a.yaml"]) {
      const parsed = await parseWorkflow({ fileName, text: `\uFEFF${JSON.stringify(file())}` });
      assert.ok(parsed.ok);
      assert.ok(parsed.value.definition.text.startsWith("{"));
    }
  });

  it("is stored as its text under its hash", async () => {
    const text = JSON.stringify(file());
    const parsed = await parseWorkflow({ fileName: "a.json", file: "/flows/a.json", text });
    assert.ok(parsed.ok);
    assert.equal(parsed.value.definition.text, text);
    assert.match(parsed.value.definition.hash, /^sha256:[0-9a-f]{64}$/);
    assert.equal(parsed.value.definition.file, "/flows/a.json");
  });
});

describe("concurrency", () => {
  const params = { tenant: {}, year: { type: "integer", default: 2026 } };

  it("says how many runs go on at once, by a key of params, and what becomes of one more", async () => {
    const { concurrency } = await valid(file({ concurrency: { max_runs: 3 } }));
    assert.deepEqual(concurrency, { maxRuns: 3, whenFull: "queue" });
    const keyed = { max_runs: 1, key: "${params.tenant}/${params.year}", when_full: "cancel_oldest", "x-why": "one" };
    const by = (name: string) => ({ scope: "params", name });
    assert.deepEqual((await valid(file({ params, concurrency: keyed }))).concurrency, {
      ...{ maxRuns: 1, whenFull: "cancel_oldest" },
      key: [by("tenant"), "/", by("year")],
    });
    assert.equal((await valid(file())).concurrency, undefined);
  });

  it("is told what is wrong with it", async () => {
    const told = async (concurrency: unknown) => messages(file({ params, concurrency }));
    assert.deepEqual(await told({}), ["concurrency needs max_runs"]);
    assert.deepEqual(await told(3), ["concurrency must be an object, not 3"]);
    assert.deepEqual(await told({ max_runs: 0 }), ["max_runs must be from 1 to 1000000, not 0"]);
    assert.deepEqual(await told({ max_runs: 1, when_full: "cancel" }), [
      'when_full must be one of queue, reject, cancel_oldest, not "cancel"',
    ]);
    assert.deepEqual(await told({ max_runs: 1, key: "" }), ["key is empty"]);
    assert.deepEqual(await told({ max_runs: 1, key: "${params.tenent}" }), [
      "key: the param tenent is not declared under params (tenant?)",
    ]);
    assert.deepEqual(await told({ max_runs: 1, key: "${run.id}" }), [
      "key: no two runs have the same id; allowed here: ${params.NAME}; write $${ for a literal ${",
    ]);
    assert.deepEqual(await told({ max_runs: 1, key: "${env.HOME}" }), [
      "key: references to the environment are allowed in service metadata and container env only",
    ]);
    assert.deepEqual(await told({ max_runs: 1, keys: "a" }), ['"keys" is not a key of concurrency (key?)']);
    assert.deepEqual(await messages(file({ max_runs: 1 })), [
      "max_runs belongs under concurrency at the top of the file",
    ]);
  });
});
