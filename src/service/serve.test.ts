import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/health/v1/health_pb.ts";
import { BusbarError } from "../kernel/errors.ts";
import { createServiceClient, type ServiceClient } from "../testing/service-client.ts";
import type { CallContext } from "./context.ts";
import { startDummyServer } from "./dummy.ts";
import type { Execute } from "./execute.ts";
import { createJsonLog } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { createRpcError } from "./rpc-error.ts";
import { type RunningService, serve } from "./serve.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Started {
  readonly service: RunningService;
  readonly client: ServiceClient;
  readonly lines: Record<string, unknown>[];
}

async function start(execute: Execute, options: Partial<ServeOptions> = {}): Promise<Started> {
  const lines: Record<string, unknown>[] = [];
  const log = createJsonLog("sorter", (line) => lines.push(JSON.parse(line)));
  const service = await serve({ name: "sorter", port: 0, signals: [], log, execute, ...options });
  cleanups.push(() => service.close(0));
  return { service, client: connectTo(service), lines };
}

function connectTo(service: RunningService): ServiceClient {
  const client = createServiceClient(service.address);
  cleanups.push(() => client.close());
  return client;
}

/** A call that stays in flight until it is released, and says when it has begun. */
function held() {
  const begun = Promise.withResolvers<CallContext>();
  const released = Promise.withResolvers<string>();
  const execute: Execute = (_request, context) => {
    begun.resolve(context);
    return released.promise;
  };
  return { execute, begun: begun.promise, release: released.resolve };
}

/** A call that ends when it is aborted. */
const untilAborted: Execute = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

describe("serve", () => {
  it("answers with the message that execute returns", async () => {
    const { client } = await start(({ inputFile, outputFile }) => `${inputFile} sorted to ${outputFile}`);
    const response = await client.execute("a.csv", "b.csv");
    assert.deepEqual([response.success, response.message], [true, "a.csv sorted to b.csv"]);
  });

  it("answers what execute throws as success = false, named after the service", async () => {
    const { client } = await start(() => {
      throw new Error("the disk is wet");
    });
    const response = await client.execute("a", "b");
    assert.deepEqual([response.success, response.message], [false, "[sorter] Failed to execute: the disk is wet"]);
  });

  it("lets the service word its failures", async () => {
    const options = { describeFailure: (reason: string) => `[Sorter] ${reason}!` };
    const { client } = await start(() => Promise.reject(new Error("no")), options);
    assert.equal((await client.execute("a", "b")).message, "[Sorter] no!");
  });

  it("fails the call with a status, and a time to come back, where execute asks for it", async () => {
    const { client } = await start(() => {
      throw createRpcError("UNAVAILABLE", "warming up", { retryAfterMs: 250 });
    });
    await assert.rejects(client.execute("a", "b"), (error: { code: number; details: string; metadata: unknown }) => {
      assert.deepEqual([error.code, error.details], [status.UNAVAILABLE, "warming up"]);
      assert.match(JSON.stringify(error.metadata), /"grpc-retry-pushback-ms":\["250"\]/);
      return true;
    });
  });

  for (const [input, output, named] of [
    ["", "b", "input_file"],
    ["a", "", "output_file"],
  ] as const) {
    it(`refuses a request with an empty ${named} without calling execute`, async () => {
      let called = false;
      const { client } = await start(() => {
        called = true;
        return "";
      });
      const response = await client.execute(input, output);
      assert.deepEqual(
        [response.success, response.message, called],
        [false, `[sorter] Failed to execute: ${named} is empty`, false],
      );
    });
  }

  it("hands over what the caller sends beside the request", async () => {
    const seen = Promise.withResolvers<CallContext>();
    const { client } = await start((_request, context) => {
      seen.resolve(context);
      return "ok";
    });
    await client.execute("a", "b", {
      metadata: {
        "idempotency-key": "run-1/caf%C3%A9/1",
        "x-busbar-run-id": "run-1",
        "x-busbar-node": "caf%C3%A9",
        "x-busbar-attempt": "3",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        authorization: "Bearer token",
      },
    });
    const context = await seen.promise;
    assert.equal(context.idempotencyKey, "run-1/café/1");
    assert.equal(context.runId, "run-1");
    assert.equal(context.nodeId, "café");
    assert.equal(context.attempt, 3);
    assert.equal(context.traceId, "0af7651916cd43dd8448eb211c80319c");
    assert.equal(context.metadata("authorization"), "Bearer token");
    assert.ok(context.deadline instanceof Date);
  });

  it("leaves out what the caller does not send, and bears what is no percent-encoding", async () => {
    const seen = Promise.withResolvers<CallContext>();
    const { client } = await start((_request, context) => {
      seen.resolve(context);
      return "ok";
    });
    await client.execute("a", "b", { metadata: { "x-busbar-node": "100%", "x-busbar-attempt": "many" } });
    const { nodeId, attempt, runId, traceId, idempotencyKey } = await seen.promise;
    assert.deepEqual([nodeId, attempt, runId, traceId, idempotencyKey], ["100%", ...new Array(4).fill(undefined)]);
  });

  it("aborts the signal when the caller cancels", async () => {
    const { execute, begun, release } = held();
    const { client } = await start(execute);
    const controller = new AbortController();
    const call = client.execute("a", "b", { signal: controller.signal });
    const { signal } = await begun;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    controller.abort();
    await assert.rejects(call, { code: status.CANCELLED });
    await aborted;
    assert.match(String(signal.reason), /the caller has cancelled/);
    release("too late");
  });

  it("aborts the signal when the deadline passes", async () => {
    const { execute, begun, release } = held();
    const { client } = await start(execute);
    const call = client.execute("a", "b", { timeoutMs: 1000 });
    const { signal } = await begun;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await assert.rejects(call, { code: status.DEADLINE_EXCEEDED });
    await aborted;
    release("too late");
  });

  it("logs each call as JSON lines with the fields of the original", async () => {
    const { client, lines } = await start(() => "done");
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await client.execute("a", "b", { metadata: { "x-busbar-node": "sort", traceparent } });
    const last = lines.at(-1) ?? {};
    assert.match(String(last.timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(typeof last.duration_ms, "number");
    assert.deepEqual(
      { ...last, timestamp: 0, duration_ms: 0, node: "" },
      {
        timestamp: 0,
        level: "INFO",
        message: "done",
        service: "sorter",
        node: "",
        container_id: "sort",
        trace_id: "0af7651916cd43dd8448eb211c80319c",
        status: "success",
        duration_ms: 0,
      },
    );
  });

  it("takes a free port for 0 and says which", async () => {
    const { service } = await start(() => "ok");
    assert.equal(service.address, `127.0.0.1:${service.port}`);
    assert.ok(service.port > 0);
  });

  it("refuses an address that is taken, and names it", async () => {
    const { service } = await start(() => "ok");
    await assert.rejects(
      serve({ name: "second", port: service.port, execute: () => "", signals: [] }),
      (error) =>
        error instanceof BusbarError && error.code === "ADDRESS_UNAVAILABLE" && error.message.includes(service.address),
    );
  });
});

describe("health", () => {
  it("is SERVING for the server and for ContainerExecutor, and knows no other name", async () => {
    const { client } = await start(() => "ok");
    assert.equal((await client.check("")).status, ServingStatus.SERVING);
    assert.equal((await client.check("ContainerExecutor")).status, ServingStatus.SERVING);
    await assert.rejects(client.check("other"), { code: status.NOT_FOUND });
    assert.deepEqual(Object.keys((await client.list()).statuses).sort(), ["", "ContainerExecutor"]);
  });

  it("follows setServing, also for those who watch", async () => {
    const { service, client } = await start(() => "ok");
    const watch = client.watch("ContainerExecutor");
    const heard: number[] = [];
    const next = () =>
      new Promise<void>((resolve) => watch.once("data", ({ status }) => resolve(void heard.push(status))));
    await next();
    let told = next();
    service.setServing(false);
    await told;
    assert.equal((await client.check("")).status, ServingStatus.NOT_SERVING);
    told = next();
    service.setServing(true);
    await told;
    assert.deepEqual(heard, [ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.SERVING]);
  });

  it("tells one who watches an unknown name so, and keeps the stream open", async () => {
    const { service, client } = await start(() => "ok");
    const watch = client.watch("other");
    const first = await new Promise<{ status: number }>((resolve) => watch.once("data", resolve));
    assert.equal(first.status, ServingStatus.SERVICE_UNKNOWN);
    const ended = new Promise((resolve) => watch.once("end", resolve));
    watch.resume();
    await service.close();
    await ended;
  });
});

describe("close", () => {
  it("says NOT_SERVING, lets the call in flight end, refuses new ones, then closes the port", async () => {
    const { execute, begun, release } = held();
    const { service, client } = await start(execute);
    const watch = client.watch("");
    const statuses: number[] = [];
    watch.on("data", ({ status }) => statuses.push(status));
    const watchEnded = new Promise((resolve) => watch.once("end", resolve));
    const call = client.execute("a", "b");
    await begun;

    const closed = service.close();
    await assert.rejects(client.execute("c", "d"), { code: status.UNAVAILABLE, details: "sorter is shutting down" });
    assert.equal((await client.check("")).status, ServingStatus.NOT_SERVING);
    await watchEnded;
    assert.deepEqual(statuses, [ServingStatus.SERVING, ServingStatus.NOT_SERVING]);
    release("done");
    assert.equal((await call).message, "done");
    await closed;
    assert.equal(await isListening(service.port), false);
  });

  it("aborts what is still in flight after the drain time; its caller hears UNAVAILABLE", async () => {
    const { service, client } = await start(untilAborted);
    const call = client.execute("a", "b");
    const rejected = assert.rejects(call, { code: status.UNAVAILABLE, details: "sorter is shutting down" });
    await client.check("");
    await service.close(20);
    await rejected;
  });

  it("does not wait for ever on a call that ignores the abort", async () => {
    const { execute, begun } = held();
    const { service, client } = await start(execute);
    const rejected = assert.rejects(client.execute("a", "b"), { code: status.UNAVAILABLE });
    await begun;
    await service.close(0);
    await rejected;
  });

  it("leaves no connection behind, not even of a client that never ends its side", async () => {
    const { service } = await start(() => "ok");
    const accepted = new Map<number | undefined, Socket>();
    const note = (message: unknown) => {
      const { socket } = message as { readonly socket: Socket };
      accepted.set(socket.remotePort, socket);
    };
    subscribe("net.server.socket", note);
    cleanups.push(() => unsubscribe("net.server.socket", note));
    const frozen = connect({ port: service.port, host: "127.0.0.1", allowHalfOpen: true });
    cleanups.push(() => frozen.destroy());
    frozen.on("error", () => {});
    const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    frozen.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), emptySettings]));
    await once(frozen, "data");
    frozen.pause();
    await service.close();
    assert.equal(accepted.get(frozen.localPort)?.destroyed, true);
  });

  it("may be called twice", async () => {
    const { service } = await start(() => "ok");
    await Promise.all([service.close(), service.close()]);
    await service.closed;
  });
});

describe("startDummyServer", () => {
  it("succeeds with any paths and touches no file", async () => {
    const log = createJsonLog("dummy", () => undefined);
    const service = await startDummyServer({ port: 0, log, signals: [] });
    cleanups.push(() => service.close(0));
    const client = connectTo(service);
    const response = await client.execute("/in/a", "/out/b");
    assert.deepEqual([response.success, response.message], [true, "Dummy processed /in/a to /out/b"]);
    assert.equal((await client.execute("", "")).success, true);
  });
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
