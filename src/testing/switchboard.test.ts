import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { startSwitchboard } from "./switchboard.ts";
import { until } from "./until.ts";

describe("startSwitchboard", { timeout: 30_000 }, () => {
  it("gives each new connection to the next backend, and passes on what either side says", async (test) => {
    const { board } = await startBoard(test, ["a", "b"]);
    const callers: Caller[] = [];
    for (let count = 0; count < 4; count += 1) callers.push(await call(test, board.address));
    assert.deepEqual(callers.map(({ heard }) => heard()).sort(), ["a", "a", "b", "b"]);
    callers[0]?.socket.write("one ");
    callers[0]?.socket.end("two");
    await until(() => callers[0]?.socket.closed === true);
    assert.match(callers[0]?.heard() ?? "", /^[ab]one two$/, "the answer comes after the caller has ended");
  });

  it("sends nobody to a backend that was removed, whose connections end, and everybody to the one that was added", async (test) => {
    const { board, backends } = await startBoard(test, ["a"]);
    const before = await call(test, board.address);
    const b = await startBackend(test, "b");
    board.add(b);
    board.remove(backends[0] ?? "");
    await until(() => before.socket.closed);
    for (let count = 0; count < 2; count += 1) assert.equal((await call(test, board.address)).heard(), "b");
    board.remove(b);
    const nobody = connect(portOf(board.address), "127.0.0.1").on("error", () => undefined);
    await until(() => nobody.closed);
  });

  it("is silent while told to drop: nothing arrives, nothing ends; all of it arrives once it is healed", async (test) => {
    const { board } = await startBoard(test, ["a"]);
    const old = await call(test, board.address);
    board.drop();
    old.socket.write("late");
    const fresh = connect(portOf(board.address), "127.0.0.1");
    test.after(() => fresh.destroy());
    await once(fresh, "connect");
    // Time enough for what would arrive: another board passes this on meanwhile.
    const { board: whole } = await startBoard(test, ["b"]);
    const other = await call(test, whole.address);
    other.socket.write("x".repeat(1_000));
    await until(() => other.heard().length > 1_000);
    assert.deepEqual([old.heard(), old.socket.closed, fresh.bytesRead, fresh.closed], ["a", false, 0, false]);
    board.heal();
    await until(() => old.heard() === "alate" && fresh.bytesRead === 1);
  });

  it("hangs up on all when told to cut, also on who comes then, and takes calls again once it is healed", async (test) => {
    const { board } = await startBoard(test, ["a"]);
    const old = await call(test, board.address);
    board.cut();
    await until(() => old.socket.closed);
    const fresh = connect(portOf(board.address), "127.0.0.1").on("error", () => undefined);
    await until(() => fresh.closed);
    assert.equal(fresh.bytesRead, 0);
    board.heal();
    assert.equal((await call(test, board.address)).heard(), "a");
  });

  it("hangs up on a caller whose backend is not there", async (test) => {
    const { board } = await startBoard(test, []);
    board.add("127.0.0.1:1");
    const socket = connect(portOf(board.address), "127.0.0.1").on("error", () => undefined);
    await until(() => socket.closed);
  });
});

async function startBoard(test: TestContext, names: readonly string[]) {
  const backends = await Promise.all(names.map((name) => startBackend(test, name)));
  const board = await startSwitchboard(backends);
  test.after(() => board.close());
  return { board, backends };
}

/** Says its name and then whatever it hears. */
async function startBackend(test: TestContext, name: string): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => undefined).write(name);
    socket.pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  test.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Caller {
  readonly socket: Socket;
  heard(): string;
}

/** A caller to whom its backend has said its name. */
async function call(test: TestContext, address: string): Promise<Caller> {
  const socket = connect({ port: portOf(address), host: "127.0.0.1", allowHalfOpen: true });
  test.after(() => socket.destroy());
  let heard = "";
  socket.on("error", () => undefined).on("data", (chunk: Buffer) => (heard += chunk));
  await once(socket, "data");
  return { socket, heard: () => heard };
}

function portOf(address: string): number {
  return Number(new URL(`tcp://${address}`).port);
}
