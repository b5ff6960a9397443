import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Metadata, ServerCredentials, status } from "@grpc/grpc-js";
import { file_energy_pipeline } from "../../gen/energy_pipeline_pb.ts";
import { ERRORS } from "../../kernel/error-table.ts";
import { createSteppingIds } from "../../kernel/ids.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor, Outcome } from "../../ports/executor.ts";
import { type ServiceLog, serve } from "../../service/index.ts";
import { describeExecutor } from "../../testing/executor-suite.ts";
import { describeFile } from "../../testing/peers/describe-file.ts";
import { type Answer, type GrpcPeer, type GrpcPeerOptions, startGrpcPeer } from "../../testing/peers/grpc.ts";
import { findRefusedAddress } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { until } from "../../testing/until.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { Template } from "../../workflow/model/template.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;

describeExecutor("executor-grpc", async () => {
  const answers: Record<string, Answer> = {
    succeeds: { success: true, message: "done" },
    fails: { success: false, message: "no" },
    hangs: "never",
  };
  const peer = await startGrpcPeer({ answer: ({ request }) => answers[request.inputFile] ?? "never" });
  const refused = await findRefusedAddress();
  const executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  const hung = () => peer.calls.some(({ request }) => request.inputFile === "hangs");
  return {
    executor,
    attempt: (kind, changes) =>
      attemptAt(serviceAt(kind === "unreachable" ? refused : peer.address), {
        request: { input_file: kind, output_file: "out" },
        ...changes,
      }),
    asked: () => peer.calls.length,
    async hanging() {
      await until(() => hung());
    },
    async dispose() {
      await executor.close?.();
      await peer.close();
    },
  };
});

describe("executor-grpc", () => {
  const env = new Map<string, string>();
  let executor: Executor;
  const peers: GrpcPeer[] = [];
  const start = async (options?: GrpcPeerOptions): Promise<GrpcPeer> => {
    const peer = await startGrpcPeer(options);
    peers.push(peer);
    return peer;
  };
  const call = (service: Service, changes?: Parameters<typeof attemptAt>[1]): Promise<Outcome> =>
    executor.execute(attemptAt(service, changes), NEVER);

  beforeEach(() => {
    env.clear();
    executor = createGrpcExecutor({
      secrets: createSecrets((name) => env.get(name)),
      clock: createSystemClock(),
      ids: createSteppingIds(),
    });
  });
  afterEach(async () => {
    await executor.close?.();
    for (const peer of peers.splice(0)) await peer.close();
  });

  it("sends the paths as they read and gives back the service's message", async () => {
    const peer = await start({ answer: () => ({ success: true, message: "analyzed 10 records" }) });
    const request = { service: "analyzer", input_file: "../a b/./ü.csv", output_file: "" };
    const outcome = await call(serviceAt(peer.address), { request });
    assert.deepEqual(outcome, { outcome: "succeeded", output: { message: "analyzed 10 records" } });
    assert.equal(peer.calls[0]?.request.inputFile, "../a b/./ü.csv");
    assert.equal(peer.calls[0]?.request.outputFile, "");
  });

  it("says whose limit it is that a request is beyond", async () => {
    const log: ServiceLog = { info() {}, warn() {}, error() {}, with: () => log };
    const kit = await serve({
      name: "x",
      port: 0,
      signals: [],
      log,
      maxMessageBytes: 1024,
      execute: async () => "done",
    });
    for (const [bytes, maxMessageBytes, words] of [
      [2000, 4 << 20, /failed with RESOURCE_EXHAUSTED: Received message larger than max \(\d+ vs 1024\)/],
      [1 << 20, 4 << 20, /failed with RESOURCE_EXHAUSTED: Received message larger than max \(\d+ vs 1024\)/],
      [2000, 1500, /was to be sent a message of \d+ bytes, and its max_message_bytes is 1500$/],
    ] as const) {
      const request = { input_file: "x".repeat(bytes), output_file: "out" };
      const outcome = await call(serviceAt(kit.address, { maxMessageBytes }), { request });
      assert.ok(outcome.outcome === "failed");
      assert.deepEqual([outcome.error.code, outcome.error.status], ["CALL_RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"]);
      assert.match(outcome.error.message, words);
    }
    assert.match(ERRORS.CALL_RESOURCE_EXHAUSTED.remedy, /names max_message_bytes.* the service's own limit/);
    await kit.close(0);
  });

  it("tells the service run, node, attempt, key, trace and deadline", async () => {
    const peer = await start();
    const before = Date.now();
    await call(serviceAt(peer.address), {
      nodeId: "größe, 100 %",
      attempt: 3,
      idempotencyKey: "run-1/größe, 100 %/2",
      timeoutMs: 40_000,
    });
    await call(serviceAt(peer.address));
    const [first, second] = peer.calls.map(({ metadata }) => metadata.getMap());
    assert.equal(first?.["x-busbar-run-id"], "run-1");
    assert.equal(first?.["x-busbar-node"], "gr%C3%B6%C3%9Fe%2C%20100%20%25");
    assert.equal(first?.["x-busbar-attempt"], "3");
    assert.equal(first?.["idempotency-key"], "run-1/gr%C3%B6%C3%9Fe%2C%20100%20%25/2");
    assert.equal(first?.traceparent, "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-01");
    assert.equal(second?.traceparent, "00-0af7651916cd43dd8448eb211c80319c-0000000000000002-01");
    const deadline = peer.calls[0]?.deadline ?? 0;
    assert.ok(deadline > before + 20_000 && deadline < before + 80_000, `${deadline - before}`);
  });

  it("makes up span ids of its own, all different", async () => {
    const peer = await start();
    const other = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
    for (let n = 0; n < 3; n += 1) await other.execute(attemptAt(serviceAt(peer.address)), NEVER);
    await other.close?.();
    const spans = peer.calls.map(({ metadata }) => String(metadata.get("traceparent")[0]).split("-")[2]);
    for (const span of spans) assert.match(String(span), /^[0-9a-f]{16}$/);
    assert.equal(new Set(spans).size, 3);
  });

  it("sends a service's metadata with secrets read at the call, binary keys as bytes", async () => {
    const peer = await start();
    const service = serviceAt(peer.address, {
      metadata: new Map<string, Template>([
        ["authorization", ["Bearer ", { scope: "env", name: "TOKEN" }]],
        ["tenant", "north"],
        ["blob-bin", "größe"],
      ]),
    });
    env.set("TOKEN", "first-secret");
    await call(service);
    // With a space at its end, as a value that was pasted has.
    env.set("TOKEN", "second-secret ");
    await call(service);
    assert.deepEqual(
      peer.calls.map(({ metadata }) => metadata.get("authorization")[0]),
      ["Bearer first-secret", "Bearer second-secret"],
    );
    assert.equal(peer.calls[0]?.metadata.get("tenant")[0], "north");
    assert.deepEqual(peer.calls[0]?.metadata.get("blob-bin")[0], Buffer.from("größe"));
    assert.equal(peer.connections(), 1);
  });

  it("fails without a call where a secret is missing, or cannot travel, and never shows its value", async () => {
    const peer = await start();
    const service = serviceAt(peer.address, {
      metadata: new Map([["authorization", ["Bearer ", { scope: "env", name: "TOKEN" }]]]),
    });
    assertFailed(
      await call(service),
      "SERVICE_MISSING_ENV",
      /metadata "authorization" needs the environment variable TOKEN/,
    );
    env.set("TOKEN", "with-a-line-break\n");
    const outcome = await call(service);
    assertFailed(outcome, "SERVICE_INVALID_ENV", /metadata "authorization" has a character .* variable TOKEN/);
    assert.doesNotMatch(JSON.stringify(outcome), /with-a-line/);
    assert.equal(peer.calls.length, 0);
  });

  it("masks what the service repeats of a secret, also where the text is cut", async () => {
    env.set("TOKEN", "hunter2-hunter2");
    let message = "";
    const peer = await start({ answer: () => ({ success: message.length < 100, message }) });
    const service = serviceAt(peer.address, { metadata: new Map([["token", [{ scope: "env", name: "TOKEN" }]]]) });
    message = "I know hunter2-hunter2\u001b[31m";
    assert.deepEqual(await call(service), { outcome: "succeeded", output: { message: "I know ***\\x1b[31m" } });
    message = `${"x".repeat(4090)}hunter2-hunter2 and more`;
    const outcome = await call(service);
    assertFailed(outcome, "NODE_REPORTED_FAILURE", /xxx/);
    assert.doesNotMatch(JSON.stringify(outcome), /hunt/);
  });

  it("keeps one connection per address over runs and services, and one more for calls that overlap", async () => {
    const peer = await start();
    const other = serviceAt(peer.address, { name: "other", health: "off", maxMessageBytes: 5000 });
    await call(serviceAt(peer.address));
    await call(other, { runId: "run-2" });
    assert.equal(peer.connections(), 1);
    await Promise.all(Array.from({ length: 20 }, (_, n) => call(n % 2 === 0 ? other : serviceAt(peer.address))));
    assert.equal(peer.calls.length, 22);
    assert.equal(peer.connections(), 2);
  });

  it("reports what a service says of its failure as FAILURE_REPLY", async () => {
    const peer = await start({ answer: () => ({ success: false, message: "Input file not found: /data/in.csv" }) });
    const outcome = await call(serviceAt(peer.address));
    assertFailed(
      outcome,
      "NODE_REPORTED_FAILURE",
      /^analyzer at 127\.0\.0\.1:\d+ reported failure: Input file not found: \/data\/in\.csv$/,
    );
    assert.equal(outcome.outcome === "failed" && outcome.error.status, "FAILURE_REPLY");
  });

  it("makes an error of the table of every status, with the service's words and what they mean", async () => {
    let code = 0;
    const peer = await start({ answer: () => ({ code, details: "words of the service" }) });
    for (code = 1; code <= 16; code += 1) {
      const outcome = await call(serviceAt(peer.address));
      const name = status[code];
      if (name === "DEADLINE_EXCEEDED") {
        assert.equal(outcome.outcome, "timed_out");
        continue;
      }
      assertFailed(outcome, name === "CANCELLED" ? "CALL_CANCELLED_BY_SERVICE" : `CALL_${name}`, /^analyzer at 127/);
      assert.equal(outcome.outcome === "failed" && outcome.error.status, name);
      assert.match(JSON.stringify(outcome), /words of the service/);
    }
  });

  it("tells its own time limit from a deadline that the service reports", async () => {
    const peer = await start({
      answer: ({ request }) =>
        request.inputFile === "" ? "never" : { code: status.DEADLINE_EXCEEDED, details: "a database was slow" },
    });
    const theirs = await call(serviceAt(peer.address));
    const ours = await call(serviceAt(peer.address), { timeoutMs: 60, request: { input_file: "", output_file: "" } });
    for (const outcome of [theirs, ours]) {
      assert.ok(outcome.outcome === "timed_out");
      assert.equal(outcome.error.code, "NODE_TIMED_OUT");
      assert.equal(outcome.error.status, "DEADLINE_EXCEEDED");
    }
    assert.match(
      JSON.stringify(theirs),
      /answered DEADLINE_EXCEEDED after .* before our limit of 30\.0 s: a database was slow/,
    );
    assert.match(JSON.stringify(ours), /did not answer within 60 ms/);
  });

  it("cancels the call at the service", async () => {
    const peer = await start({ answer: () => "never" });
    const controller = new AbortController();
    const outcome = executor.execute(attemptAt(serviceAt(peer.address)), controller.signal);
    await peer.called;
    controller.abort();
    assert.equal((await outcome).outcome, "cancelled");
    await peer.calls[0]?.cancelled;
  });

  it("leaves no call at the service, whenever it is aborted", { timeout: 10_000 }, async () => {
    const peer = await start({
      answer: ({ request }) => (request.inputFile === "" ? "never" : { success: true, message: "" }),
    });
    const service = serviceAt(peer.address);
    const request = { input_file: "", output_file: "" };
    await call(service);
    const moments = [
      () => undefined,
      () => Promise.resolve(),
      () => new Promise(setImmediate),
      () => new Promise(process.nextTick),
    ];
    for (const moment of moments) {
      const controller = new AbortController();
      const outcome = executor.execute(attemptAt(service, { request }), controller.signal);
      await moment();
      controller.abort();
      assert.equal((await outcome).outcome, "cancelled");
      await call(service);
    }
    await Promise.all(peer.calls.filter((seen) => seen.request.inputFile === "").map((seen) => seen.cancelled));
  });

  describe("pushback", () => {
    const withTrailers = async (trailers: Record<string, string | Buffer>): Promise<unknown> => {
      const metadata = new Metadata();
      for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
      const peer = await start({ answer: () => ({ code: status.UNAVAILABLE, details: "busy", metadata }) });
      const outcome = await call(serviceAt(peer.address));
      return outcome.outcome === "failed" ? outcome.pushback : outcome;
    };

    it("is what grpc-retry-pushback-ms says, up to 10 minutes; never, if negative or unreadable", async () => {
      assert.equal(await withTrailers({ "grpc-retry-pushback-ms": "1500" }), 1500);
      assert.equal(await withTrailers({ "grpc-retry-pushback-ms": "0" }), 0);
      assert.equal(await withTrailers({ "grpc-retry-pushback-ms": "99999999" }), 600_000);
      assert.equal(await withTrailers({ "grpc-retry-pushback-ms": "-1" }), "never");
      assert.equal(await withTrailers({ "grpc-retry-pushback-ms": "soon" }), "never");
      assert.equal(await withTrailers({}), undefined);
    });

    it("is what google.rpc.RetryInfo says", async () => {
      // google.rpc.Status { details: Any { type_url, value: RetryInfo { retry_delay: 2.25 s } } }, by hand.
      const field = (number: number, value: Buffer) =>
        Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);
      const statusOf = (duration: Buffer, type = "google.rpc.RetryInfo") =>
        field(3, Buffer.concat([field(1, Buffer.from(`type.googleapis.com/${type}`)), field(2, field(1, duration))]));
      const seconds2nanos250e6 = Buffer.from([0x08, 0x02, 0x10, 0x80, 0xe5, 0x9a, 0x77]);
      assert.equal(await withTrailers({ "grpc-status-details-bin": statusOf(seconds2nanos250e6) }), 2250);
      assert.equal(
        await withTrailers({ "grpc-status-details-bin": statusOf(Buffer.from([0x08, 0xff, 0x7f])) }),
        600_000,
      );
      assert.equal(
        await withTrailers({ "grpc-status-details-bin": statusOf(seconds2nanos250e6, "google.rpc.Help") }),
        undefined,
      );
      assert.equal(await withTrailers({ "grpc-status-details-bin": Buffer.from([0xff, 0xff]) }), undefined);
      const both = { "grpc-retry-pushback-ms": "7", "grpc-status-details-bin": statusOf(seconds2nanos250e6) };
      assert.equal(await withTrailers(both), 7);
    });
  });

  describe("where Execute is not implemented", () => {
    const other = describeFile({
      package: "energy",
      services: {
        EnergyGenerator: { GenerateData: ["energy.Ask", "energy.Ask"], Reset: ["energy.Ask", "energy.Ask"] },
      },
      messages: { Ask: ["string household = 1"] },
    });

    for (const onlyV1Alpha of [false, true]) {
      it(`says what the service offers instead, by reflection ${onlyV1Alpha ? "v1alpha" : "v1"}`, async () => {
        const peer = await start({ executes: false, describes: [other], onlyV1Alpha });
        assertFailed(
          await call(serviceAt(peer.address)),
          "CALL_UNIMPLEMENTED",
          /UNIMPLEMENTED .*: it has no ContainerExecutor\/Execute; it offers energy\.EnergyGenerator\/GenerateData, energy\.EnergyGenerator\/Reset$/,
        );
      });
    }

    it("says so where it offers nothing, or does not say, or says that it does offer it", async () => {
      const nothing = await start({ executes: false, describes: [] });
      assertFailed(await call(serviceAt(nothing.address)), "CALL_UNIMPLEMENTED", /it offers no service of its own/);
      const mute = await start({ executes: false, health: () => 1 });
      assertFailed(await call(serviceAt(mute.address)), "CALL_UNIMPLEMENTED", /does not offer the method/);
      const claims = await start({ executes: false, describes: [file_energy_pipeline] });
      assertFailed(
        await call(serviceAt(claims.address)),
        "CALL_UNIMPLEMENTED",
        /it says that it offers ContainerExecutor\/Execute/,
      );
    });
  });

  it("obeys max_message_bytes both ways", async () => {
    const peer = await start({ answer: () => ({ success: true, message: "x".repeat(3000) }) });
    const service = serviceAt(peer.address, { maxMessageBytes: 1000 });
    assertFailed(
      await call(service),
      "CALL_RESOURCE_EXHAUSTED",
      /answered with a message of 3\d{3} bytes, and its max_message_bytes is 1000$/,
    );
    const request = { input_file: "x".repeat(1001), output_file: "out" };
    assertFailed(
      await call(service, { request }),
      "CALL_RESOURCE_EXHAUSTED",
      /was to be sent a message of 1\d{3} bytes, and its max_message_bytes is 1000$/,
    );
    assert.equal(peer.calls.length, 1);
    assert.equal((await call(serviceAt(peer.address))).outcome, "succeeded");
  });

  it("reaches a service that was restarted between two nodes, on one that was away as well", async () => {
    const first = await start();
    const service = serviceAt(first.address);
    assert.equal((await call(service)).outcome, "succeeded");
    await first.close();
    assertFailed(await call(service), "CALL_UNAVAILABLE", /127\.0\.0\.1/);
    assertFailed(await call(service), "CALL_UNAVAILABLE", /connection refused/);
    const second = await start({ port: first.port });
    assert.equal((await call(service)).outcome, "succeeded");
    assert.equal(second.calls.length, 1);
  });

  it("calls no one once it is closed, and can be closed twice", async () => {
    const peer = await start({ credentials: ServerCredentials.createInsecure() });
    await call(serviceAt(peer.address));
    await executor.close?.();
    await executor.close?.();
    assertFailed(await call(serviceAt(peer.address)), "INTERNAL", /executor that is closed/);
    assert.equal(peer.calls.length, 1);
  });
});

function assertFailed(outcome: Outcome, code: string, message: RegExp): void {
  assert.ok(outcome.outcome === "failed", JSON.stringify(outcome));
  assert.equal(outcome.error.code, code, outcome.error.message);
  assert.match(outcome.error.message, message);
}
