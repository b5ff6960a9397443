// Signals of a process with services in it, each test in a process of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it, type TestContext } from "node:test";
import { createServiceClient } from "../testing/service-client.ts";
import { until } from "../testing/until.ts";

const kit = JSON.stringify(new URL("index.ts", import.meta.url).href);

/** A program that prints an address a line and `ready`. */
async function startProgram(test: TestContext, program: string) {
  const prelude = `import { serve } from ${kit};
    const start = (options) => serve({ name: "s", port: 0, execute: () => "ok", ...options });`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", `${prelude}\n${program}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  test.after(() => child.kill("SIGKILL"));
  const exited = once(child, "exit");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const stderr = once(child.stderr, "end").then(() => said);
  const addresses: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "ready") break;
    addresses.push(line);
  }
  const signal = (name: NodeJS.Signals) => child.kill(name);
  const says = (words: string) => until(() => said.includes(words));
  return { signal, exited, says, stderr, addresses };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Two signals that come closer together are one wish; counted from where the first was heard. */
const ECHO_MS = 700;

describe("signals", { skip: process.platform === "win32" && "Windows has no signals to catch" }, () => {
  for (const count of [1, 11, 40]) {
    it(`stop all of ${count} services of a process, without a warning`, async (test) => {
      const program = `for (let i = 0; i < ${count}; i++) console.log((await start()).address); console.log("ready");`;
      const { signal, exited, stderr, addresses } = await startProgram(test, program);
      assert.equal(addresses.length, count);
      signal("SIGTERM");
      assert.deepEqual(await exited, [0, null]);
      const lines = (await stderr).trimEnd().split("\n");
      assert.deepEqual(
        lines.filter((line) => !line.startsWith("{")),
        [],
      );
      assert.equal(lines.filter((line) => line.includes('"stopped"')).length, count);
    });
  }

  const deaf = `const { address } = await start({ execute: () => new Promise(() => setInterval(() => {}, 1000)), drainMs: 60_000 });
    console.log(address); console.log("ready");`;

  for (const [first, second] of [
    ["SIGTERM", "SIGTERM"],
    ["SIGINT", "SIGINT"],
    ["SIGTERM", "SIGINT"],
  ] as const) {
    it(`end a process whose work is deaf: ${first}, then ${second}`, async (test) => {
      const { signal, exited, says, addresses } = await startProgram(test, deaf);
      const client = createServiceClient(addresses[0] ?? "");
      test.after(() => client.close());
      const call = assert.rejects(client.execute("a", "b"), { details: "s is shutting down" });
      await client.check("");
      signal(first);
      await says(`stopping on ${first}`);
      await after(ECHO_MS);
      signal(second);
      await call;
      assert.deepEqual(await exited, [null, second]);
    });
  }

  it("that echo within a moment count once", async (test) => {
    const program = `
      const { address } = await start({ execute: () => new Promise((resolve) => setTimeout(resolve, 1500, "done")) });
      console.log(address); console.log("ready");`;
    const { signal, exited, addresses } = await startProgram(test, program);
    const client = createServiceClient(addresses[0] ?? "");
    test.after(() => client.close());
    const call = client.execute("a", "b");
    await client.check("");
    signal("SIGINT");
    signal("SIGINT");
    assert.equal((await call).message, "done");
    assert.deepEqual(await exited, [0, null]);
  });

  it("leave a program that has more to do after two its own end", async (test) => {
    const program = `
      const service = await start({ execute: () => new Promise(() => {}), drainMs: 60_000 });
      service.closed.then(() => { process.exitCode = 7; });
      console.log(service.address); console.log("ready");`;
    const { signal, exited, says, addresses } = await startProgram(test, program);
    const client = createServiceClient(addresses[0] ?? "");
    test.after(() => client.close());
    const call = assert.rejects(client.execute("a", "b"));
    await client.check("");
    signal("SIGTERM");
    await says("stopping on SIGTERM");
    await after(ECHO_MS);
    signal("SIGTERM");
    await call;
    assert.deepEqual(await exited, [7, null]);
  });

  it("are nobody's any more once all services have closed", async (test) => {
    const program = `
      const [a, b] = [await start({ signals: ["SIGTERM", "SIGTERM"] }), await start()];
      const counts = [process.listenerCount("SIGTERM"), process.listenerCount("SIGINT")];
      await a.close(0);
      counts.push(process.listenerCount("SIGTERM"));
      await Promise.all([b.close(0), b.close(0)]);
      counts.push(process.listenerCount("SIGTERM"), process.listenerCount("SIGINT"));
      console.log(counts.join()); console.log("ready");`;
    const { exited, addresses } = await startProgram(test, program);
    assert.deepEqual(addresses, ["1,1,1,0,0"]);
    assert.deepEqual(await exited, [0, null]);
  });
});
