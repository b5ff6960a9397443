import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it, type TestContext } from "node:test";
import { createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import type { BusbarError } from "../../kernel/errors.ts";
import { until } from "../../testing/until.ts";
import { createHttpTools, type HttpTools, send } from "./http.ts";

describe("a request to Restate", { timeout: 20_000 }, () => {
  let server: Server;
  let url = "";
  /** Requests that came and have no answer. */
  let held = 0;
  /** Requests whose connections were broken. */
  let cut = 0;
  let clock: SteppingClock;
  let told: BusbarError[];
  let tools: HttpTools;

  before(async () => {
    server = createServer((request, response) => {
      if (request.url === "/answered") response.end("{}");
      else if (request.url === "/cut") {
        cut += 1;
        request.socket.destroy();
      } else held += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach((context) => {
    held = 0;
    cut = 0;
    clock = createSteppingClock();
    told = [];
    tools = createHttpTools(clock, (why) => told.push(why));
    (context as TestContext).after(() => tools.close());
  });

  for (const { by, code, who } of [
    { by: "worker" as const, code: "CLUSTER_NO_WORKERS", who: /^no worker has answered .* by way of Restate at http/ },
    { by: undefined, code: "CLUSTER_UNREACHABLE", who: /^Restate's ingress at http:\S+ has not answered/ },
  ]) {
    it(`that nobody answers is told of after 5 s and given up after a minute: ${code}`, async () => {
      const request = { of: "ingress" as const, url, ...(by === undefined ? {} : { by }) };
      const first = assert.rejects(send(tools, request), (thrown: BusbarError) => {
        assert.equal(thrown.code, code);
        assert.match(thrown.message, who);
        assert.match(thrown.message, /within 60 s/);
        return true;
      });
      await until(() => held === 1);
      clock.advance(5_000);
      assert.deepEqual(
        told.map((why) => why.code),
        [code],
      );
      assert.match(String(told[0]?.message), who);
      clock.advance(55_000);
      await first;
    });
  }

  it("is broken off when its tools are closed, and not sent again", async () => {
    await send(tools, { of: "ingress", url: `${url}/answered` });
    const kept = assert.rejects(send(tools, { of: "ingress", url }), { code: "CLUSTER_UNREACHABLE" });
    await until(() => held === 1);
    tools.close();
    await kept;
    assert.deepEqual([held, clock.pending()], [1, 0]);
  });

  it("is not sent again where its tools were closed while it waited for that", async () => {
    await send(tools, { of: "ingress", url: `${url}/answered` });
    const kept = assert.rejects(send(tools, { of: "ingress", url: `${url}/cut` }), { code: "CLUSTER_UNREACHABLE" });
    await until(() => cut === 1);
    await until(() => clock.pending() === 1);
    tools.close();
    clock.advance(60_000);
    await kept;
    assert.equal(cut, 1);
  });

  it("says when it has gone out, which it has not where nobody listens", async () => {
    let out = 0;
    const onOut = () => {
      out += 1;
    };
    const nowhere = createServer();
    await new Promise<void>((resolve) => nowhere.listen(0, "127.0.0.1", resolve));
    const { port } = nowhere.address() as AddressInfo;
    await new Promise((resolve) => nowhere.close(resolve));
    const away = { code: "CLUSTER_UNREACHABLE" };
    await assert.rejects(send(tools, { of: "ingress", url: `http://127.0.0.1:${port}/`, onOut }), away);
    assert.equal(out, 0);
    await assert.rejects(send(tools, { of: "ingress", url: `${url}/cut`, onOut }), away);
    assert.equal(out, 1);
  });
});
