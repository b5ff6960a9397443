import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { resetSocket } from "./reset-socket.ts";

describe("resetSocket", { timeout: 30_000 }, () => {
  it("resets a connection that is in use", async (test) => {
    const { near, far } = await startPair(test);
    const heard = once(far, "error");
    resetSocket(near);
    await once(near, "close");
    assert.equal((await heard)[0].code, "ECONNRESET");
  });

  it("closes one whose end is on its way, which cannot be reset", async (test) => {
    const { near } = await startPair(test);
    near.end();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    assert.deepEqual([near.writableEnded, near.writableFinished], [true, false]);
    resetSocket(near);
    await once(near, "close");
  });
});

async function startPair(test: TestContext): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const taken = once(server, "connection");
  const far = connect((server.address() as AddressInfo).port, "127.0.0.1").resume();
  const [near] = (await taken) as [Socket];
  test.after(() => {
    far.destroy();
    near.destroy();
    server.close();
  });
  return { near, far };
}
