import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createSteppingClock } from "../../../kernel/clock.ts";
import { until } from "../../../testing/until.ts";
import { trackConnections } from "./connections.ts";

/** A server whose streams stay open until the test ends them, and a client of it. */
async function startServer(test: TestContext) {
  const clock = createSteppingClock();
  const server = createServer();
  const connections = trackConnections(server, clock, 30_000);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on("error", () => undefined);
  test.after(() => {
    client.destroy();
    server.close();
  });
  await once(client, "remoteSettings");
  const open = async () => {
    const request = client.request({ ":path": "/" });
    request.on("error", () => undefined);
    const [stream] = (await once(server, "stream")) as [ServerHttp2Stream];
    stream.on("error", () => undefined).respond();
    await once(request, "response");
    return { request, stream };
  };
  return { clock, connections, client, open };
}

const isGone = (client: ClientHttp2Session) => client.closed || client.destroyed;

describe("connections of a worker", { timeout: 10_000 }, () => {
  it("bring nothing new after a while, and what they have brought goes on; then they end", async (test) => {
    const { clock, client, open } = await startServer(test);
    const { request, stream } = await open();
    const settings = once(client, "remoteSettings");
    clock.advance(30_000);
    const [{ maxConcurrentStreams }] = await settings;
    assert.equal(maxConcurrentStreams, 0);
    stream.write("still here");
    assert.equal(String((await once(request, "data"))[0]), "still here");
    assert.equal(isGone(client), false);
    const closed = once(client, "close");
    stream.end();
    request.resume();
    await closed;
  });

  it("end after a while where they have brought nothing", async (test) => {
    const { clock, client } = await startServer(test);
    const closed = once(client, "close");
    clock.advance(30_000);
    await closed;
  });

  it("bring nothing new where the worker is to end, and are cut in the end", async (test) => {
    const { clock, connections, client, open } = await startServer(test);
    await open();
    const settings = once(client, "remoteSettings");
    connections.retire();
    assert.equal((await settings)[0].maxConcurrentStreams, 0);
    const closed = once(client, "close");
    connections.cut();
    await closed;
    await until(() => clock.pending() === 0);
  });
});
