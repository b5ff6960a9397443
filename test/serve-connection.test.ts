// What a client makes of connections that break, and of what stands between it and the server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createRunLogs } from "../src/adapters/run-logs/run-logs.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSteppingClock } from "../src/kernel/clock.ts";
import { BusbarError, toErrorInfo } from "../src/kernel/errors.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import type { LogLine } from "../src/ports/run-logs.ts";
import type { RequestInput } from "../src/ports/runtime.ts";
import { createRemoteRuntime, type RemoteRuntime, type RemoteRuntimeOptions } from "../src/runtimes/remote/runtime.ts";
import { createJsonLog, type RunningService, serve } from "../src/service/index.ts";
import { until } from "../src/testing/until.ts";
import { type Breakable, breakable } from "./serve/breakable.ts";
import { pairOf } from "./serve/pair.ts";
import { type Serving, startServing } from "./serve/serving.ts";

const clock = createSystemClock();

describe("a client of the server", () => {
  let serving: Serving;
  let service: RunningService;
  let line: Breakable;
  let gate: PromiseWithResolvers<string>;
  let remote: RemoteRuntime;
  const clients: RemoteRuntime[] = [];
  const open = async (options: Partial<RemoteRuntimeOptions> = {}): Promise<RemoteRuntime> => {
    const client = await createRemoteRuntime({ server: { url: new URL(line.url) }, clock, ...options });
    clients.push(client);
    return client;
  };
  beforeEach(async () => {
    gate = Promise.withResolvers<string>();
    serving = await startServing();
    const log = createJsonLog("held", () => undefined);
    service = await serve({ name: "held", execute: () => gate.promise, port: 0, signals: [], log });
    line = await breakable(serving.url);
    remote = await open();
    await remote.list();
  });
  afterEach(async () => {
    stopCutting();
    for (const client of clients.splice(0)) client.close();
    line.close();
    await serving.close();
    await service.close(0);
  });
  let cuts = 0;
  let cutting: NodeJS.Timeout | undefined;
  /** Cuts whatever is open, again and again, until it is told to stop. */
  const cutAgain = (everyMs: number): void => {
    cuts = 0;
    cutting = setInterval(() => {
      cuts += line.cut();
    }, everyMs);
  };
  const stopCutting = (): number => {
    clearInterval(cutting);
    return cuts;
  };

  it("gives each event of a run and of all runs once, however often connections break", async () => {
    const seen: string[] = [];
    const told: unknown[] = [];
    const stop = new AbortController();
    const other = await open({ onTrouble: (trouble) => told.push(trouble) });
    await other.list();
    const feeding = (async () => {
      for await (const item of other.feed({ follow: true, signal: stop.signal })) {
        if (item.kind === "event") seen.push(`${item.event.run_id}:${item.event.seq}`);
        else assert.equal(item.kind, "now");
      }
    })();
    gate.resolve("done");
    cutAgain(30);
    const runs = Array.from({ length: 8 }, (_, index) => `r${index}`);
    for (const runId of runs) {
      await remote.start({ definition: pairOf(service.address), runId });
      const watched: number[] = [];
      for await (const { seq } of remote.watch(runId)) watched.push(seq);
      assert.deepEqual(
        watched,
        (await remote.events(runId)).map(({ seq }) => seq),
      );
      assert.equal((await remote.wait(runId)).type, "run.succeeded");
    }
    assert.ok(stopCutting() > 5);
    const all: string[] = [];
    for await (const item of serving.host.runs.feed()) {
      if (item.kind === "event") all.push(`${item.event.run_id}:${item.event.seq}`);
    }
    await until(() => seen.length >= all.length);
    stop.abort();
    await feeding;
    assert.deepEqual(seen, all);
    assert.ok(told.length > 0 && told.every((one) => one instanceof BusbarError));
    assert.equal((await remote.list()).runs.length, runs.length, "a start whose answer was lost made no second run");
  });

  it("gives each line of a log once, however often connections break, and all of them when it is told to end", async () => {
    const { runId } = await remote.start({ definition: pairOf(service.address), runId: "r1" });
    const logs = createRunLogs({
      folder: join(serving.stateDir, "run-logs"),
      clock,
      secrets: createSecrets(() => undefined),
      onTrouble: assert.ifError,
    });
    const written: string[] = [];
    const attempts = ["a", "b"].map((nodeId) => ({ nodeId, log: logs.open(runId, { nodeId, attempt: 1 }) }));
    const write = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        for (const { nodeId, log } of attempts) {
          const text = `${nodeId}${written.length}`;
          written.push(text);
          log.write("stdout", `${text}\n`);
        }
      }
    };
    const over = new AbortController();
    const whole: LogLine[] = [];
    const tail: LogLine[] = [];
    write(3);
    const reading = [
      (async () => {
        for await (const one of remote.logs(runId, { until: over.signal })) whole.push(one);
      })(),
      (async () => {
        for await (const one of remote.logs(runId, { until: over.signal, attempt: "latest", tail: 2 })) tail.push(one);
      })(),
    ];
    await until(() => whole.length >= 6 && tail.length >= 2);
    cutAgain(25);
    for (let round = 0; round < 20 || cuts <= 2; round += 1) {
      write(5);
      await sleep(10);
    }
    assert.ok(stopCutting() > 2);
    write(5);
    over.abort();
    await Promise.all(reading);
    const ofNode = (texts: readonly string[], nodeId: string) => texts.filter((text) => text.startsWith(nodeId));
    for (const { nodeId, log } of attempts) {
      const texts = whole.map(({ text }) => text);
      assert.deepEqual(ofNode(texts, nodeId), ofNode(written, nodeId));
      const last = ofNode(
        tail.map(({ text }) => text),
        nodeId,
      );
      assert.deepEqual(last, ofNode(written, nodeId).slice(-last.length));
      assert.ok(last.length >= 106);
      log.end();
    }
    gate.resolve("done");
    await remote.wait(runId);
  });

  it("asks for an end and an answer again where the connection breaks", async () => {
    const { runId } = await remote.start({ definition: pairOf(service.address) });
    const ends = [remote.wait(runId), remote.wait(runId)];
    const asked = { runId, kind: "cancel", key: "k", by: "ada" } as const;
    await until(() => line.cut() !== 0);
    cutAgain(40);
    const answers = await Promise.allSettled([remote.request(asked), remote.request(asked)]);
    stopCutting();
    for (const answer of answers) {
      // Where the answer was lost, the run may have ended before it is asked for again.
      if (answer.status === "fulfilled") assert.equal(answer.value.kind, "applied");
      else assert.equal(toErrorInfo(answer.reason).code, "RUN_ALREADY_ENDED");
    }
    assert.deepEqual(
      (await Promise.all(ends)).map(({ type }) => type),
      ["run.cancelled", "run.cancelled"],
    );
    const events = await remote.events(runId);
    assert.deepEqual(
      events.flatMap((event) => (event.type === "run.cancel_requested" ? [event.by] : [])),
      ["ada (test)"],
    );
  });

  it("gives up on a server that stays away, and at once on one that was never there", async () => {
    const impatient = await open({ awayMs: 100 });
    const { runId } = await impatient.start({ definition: pairOf(service.address) });
    const watching = (async () => {
      for await (const _ of impatient.watch(runId)) line.close();
    })();
    const isUnreachable = (thrown: unknown): boolean => {
      assert.ok(thrown instanceof BusbarError && thrown.code === "SERVER_UNREACHABLE", String(thrown));
      return true;
    };
    await assert.rejects(watching, isUnreachable);
    await assert.rejects((await open()).get("r1"), isUnreachable);
    gate.resolve("done");
    await serving.host.runs.wait(runId);
  });

  it("asks again for what a run makes of a request where the server has waited for long, and does nothing twice", async () => {
    const stepping = createSteppingClock();
    const asked: RequestInput[] = [];
    const slow = await startServing(undefined, {
      instead: ({ runs }) => ({
        clock: stepping,
        runs: {
          ...runs,
          async request(input) {
            asked.push(input);
            if (asked.length > 2) return { kind: "applied", seq: 7 };
            await once(input.signal ?? assert.fail(), "abort");
            throw input.signal?.reason;
          },
        },
      }),
    });
    const client = await open({ server: { url: new URL(slow.url) } });
    const answer = client.request({ runId: "r", kind: "cancel", key: "one", by: "ada" });
    for (const count of [1, 2]) {
      await until(() => asked.length === count);
      stepping.advance(25_000);
    }
    assert.deepEqual(await answer, { kind: "applied", seq: 7 });
    assert.deepEqual(
      asked.map(({ key }) => key),
      ["cancel/one", "cancel/one", "cancel/one"],
    );
    assert.equal(stepping.pending(), 0);
    await slow.close();
  });

  it("follows a run on which nothing happens for as long as something cuts the stream now and then", async () => {
    const told: unknown[] = [];
    const follower = await open({ awayMs: 1_500, onTrouble: (trouble) => told.push(trouble) });
    const { runId } = await follower.start({ definition: pairOf(service.address) });
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { seq } of follower.watch(runId)) seen.push(seq);
    })();
    await until(() => seen.length > 1);
    for (let cut = 1; cut <= 2; cut += 1) {
      await sleep(2_000);
      assert.ok(line.cut() > 0);
      await until(() => serving.countStreams() === 1 && told.length === cut);
    }
    gate.resolve("done");
    await watching;
    const { last_seq } = await serving.host.runs.get(runId);
    assert.deepEqual(
      seen,
      Array.from({ length: last_seq }, (_, index) => index + 1),
    );
  });

  it("gives up on a server whose streams are cut as soon as they are open", async () => {
    const follower = await open({ awayMs: 300 });
    const { runId } = await follower.start({ definition: pairOf(service.address) });
    let seen = 0;
    const watching = (async () => {
      for await (const _ of follower.watch(runId)) seen += 1;
    })();
    await until(() => seen > 1);
    cutAgain(20);
    await assert.rejects(watching, { code: "SERVER_UNREACHABLE" });
    stopCutting();
    gate.resolve("done");
    await serving.host.runs.wait(runId);
  });

  it("goes through the proxy of the environment, and says what a proxy answers in the place of the server", async () => {
    const seen: string[] = [];
    let status = 200;
    const proxy = createServer(async (request, response) => {
      seen.push(request.url ?? "");
      if (status !== 200) {
        response.writeHead(status).end();
        return;
      }
      const { pathname, search } = new URL(request.url ?? "");
      const reply = await fetch(`${serving.url}${pathname}${search}`);
      response.writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "" });
      response.end(await reply.text());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const proxyEnv = { http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const through = await open({ server: { url: new URL("http://busbar.test/"), proxyEnv } });
    assert.deepEqual((await through.list()).runs, []);
    assert.match(seen[0] ?? "", /^http:\/\/busbar\.test\/api\/v1\/runs\?/);
    status = 407;
    await assert.rejects(through.resolve("x"), { code: "SERVER_PROXY" });
    proxy.closeAllConnections();
    proxy.close();
  });
});
