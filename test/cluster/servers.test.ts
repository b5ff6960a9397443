// The servers of Restate that tests of the cluster runtime start: they come up, and survive what is done to them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { createEndpointHandler, type ObjectContext, object } from "@restatedev/restate-sdk";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import { startSwitchboard } from "../../src/testing/switchboard.ts";

const { skip } = requireRestate();

describe("startRestate", { skip, timeout: 240_000 }, () => {
  it("starts one server, which comes back after a kill, and leaves nothing behind", async (test) => {
    const servers = await startRestate({ nodes: 1 });
    test.after(() => servers.close());
    const [node] = servers.nodes;
    assert.ok(node);
    const { pid } = node;
    await node.kill();
    await assert.rejects(fetch(`${servers.admin}/health`));
    await node.start();
    await servers.ready();
    assert.notEqual(node.pid, pid);
    assert.equal((await fetch(`${servers.admin}/health`)).status, 200);
    await servers.close();
    assert.equal(existsSync(`/proc/${node.pid}`), false);
    assert.deepEqual(leftBehind(), []);
  });

  it("takes what a test configures", async (test) => {
    const servers = await startRestate({
      nodes: 1,
      config: { "ingress.request-size-limit": "2 KiB" },
    });
    test.after(() => servers.close());
    await register(servers, await startCounters(test));
    assert.equal((await add(servers.ingress, 1)).status, 200);
    assert.equal((await add(servers.ingress, 2, "x".repeat(4_096))).status, 413);
  });

  it("says why a server does not come up, and leaves nothing behind", async () => {
    await assert.rejects(
      startRestate({ nodes: 1, config: { "default-num-partitions": "many" } }),
      /node-1 has ended:.*/s,
    );
    assert.deepEqual(leftBehind(), []);
  });

  it("starts three servers of one cluster: what one of them knew the others know when it is killed, and it comes back", async (test) => {
    const servers = await startRestate({ nodes: 3 });
    test.after(() => servers.close());
    // What is stored is kept by two of three, so that each of them is needed for something.
    await register(servers, await startCounters(test));
    let expected = 0;
    for (const killed of servers.nodes) {
      const others = servers.nodes.filter((node) => node !== killed);
      assert.equal(await (await add(killed.ingress, ++expected)).text(), String(expected));
      await killed.kill();
      for (const { ingress } of others) assert.equal(await (await add(ingress, ++expected)).text(), String(expected));
      await killed.start();
      await servers.ready();
      assert.equal(await (await add(killed.ingress, ++expected)).text(), String(expected));
    }
  });

  it("stops a server and lets it go on: the others go on meanwhile", async (test) => {
    const servers = await startRestate({ nodes: 3 });
    test.after(() => servers.close());
    await register(servers, await startCounters(test));
    const [stopped, other] = servers.nodes;
    assert.ok(stopped !== undefined && other !== undefined);
    assert.equal(await (await add(other.ingress, 1)).text(), "1");
    stopped.stop();
    await assert.rejects(fetch(`${stopped.admin}/health`, { signal: AbortSignal.timeout(500) }));
    assert.equal(await (await add(other.ingress, 2)).text(), "2");
    stopped.cont();
    await servers.ready();
    assert.equal(await (await add(stopped.ingress, 3)).text(), "3");
  });

  it("reaches its workers through a board: again after it was cut, and another worker when one is gone", async (test) => {
    const servers = await startRestate({ nodes: 1 });
    test.after(() => servers.close());
    const workers = [await startCounters(test), await startCounters(test)] as const;
    const board = await startSwitchboard([workers[0]]);
    test.after(() => board.close());
    await register(servers, board.address);
    assert.equal(await (await add(servers.ingress, 1)).text(), "1");
    board.cut();
    const waiting = add(servers.ingress, 2);
    board.heal();
    assert.equal(await (await waiting).text(), "2");
    board.add(workers[1]);
    board.remove(workers[0]);
    assert.equal(await (await add(servers.ingress, 3)).text(), "3");
  });
});

/** @returns where it listens: HOST:PORT */
async function startCounters(test: TestContext): Promise<string> {
  const counter = object({
    name: "Counter",
    handlers: {
      async add(context: ObjectContext): Promise<number> {
        const sum = ((await context.get<number>("sum")) ?? 0) + 1;
        context.set("sum", sum);
        return sum;
      },
    },
  });
  const server = createServer(createEndpointHandler({ services: [counter], logger: () => undefined }));
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Waited for, so that no connection is left to the end of the process: there Node has been seen to turn for ever.
  test.after(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function register(servers: RestateServers, worker: string): Promise<void> {
  const body = JSON.stringify({ uri: `http://${worker}` });
  const response = await post(`${servers.admin}/deployments`, body, { "content-type": "application/json" });
  assert.equal(response.status, 201, await response.text());
  await servers.known("Counter");
}

/** Once only, however often it is asked. */
function add(ingress: string, call: number, body?: string): Promise<Response> {
  return post(`${ingress}/Counter/one/add`, body, { "idempotency-key": String(call) });
}

function post(url: string, body: string | undefined, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: "POST", headers, body: body ?? null, signal: AbortSignal.timeout(60_000) });
}

function leftBehind(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("busbar-restate-"));
}
