import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createServiceClient } from "../src/testing/service-client.ts";

const script = fileURLToPath(new URL("services.ts", import.meta.url));
type Child = ChildProcessByStdio<null, Readable, Readable>;

describe("npm run services", () => {
  let root = "";
  before(() => {
    root = mkdtempSync(join(tmpdir(), "busbar-services-"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  function start(args: readonly string[], env: NodeJS.ProcessEnv): Child {
    return spawn(process.execPath, [script, ...args], {
      env: { ...process.env, PORT_BASE: "0", DATA_ROOT: root, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
  /** Waits for `count` READY lines. */
  async function ready(child: Child, count: number): Promise<string[][]> {
    let seen = "";
    for await (const chunk of child.stdout) {
      seen += String(chunk);
      const lines = seen.trimEnd().split("\n");
      if (lines.length === count && seen.endsWith("\n")) return lines.map((line) => line.split(" "));
    }
    throw new Error(`ended after ${JSON.stringify(seen)}`);
  }
  /** The same among what npm says. */
  async function readyUnderNpm(child: Child): Promise<string[]> {
    let seen = "";
    const lines = (): string[] => seen.match(/^READY .*(?=\n)/gm) ?? [];
    child.stdout.setEncoding("utf8");
    while (lines().length < 3) {
      const [chunk] = await once(child.stdout, "data");
      seen += chunk;
    }
    return lines();
  }
  function killGroup({ pid = 0 }: Child): void {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // all of it is gone, as it should be
    }
  }
  async function end(args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = start(args, env);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { out, err, code };
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`says READY for each of the three, serves, and stops cleanly on ${signal}`, {
      skip: process.platform === "win32" && "Windows has no signals to catch",
    }, async () => {
      const child = start([], {});
      const exited = once(child, "exit");
      try {
        const lines = await ready(child, 3);
        assert.deepEqual(
          lines.map(([word, name]) => `${word} ${name}`),
          ["READY energy-generator", "READY energy-analyzer", "READY report-generator"],
        );
        const client = createServiceClient(lines[0]?.[2] ?? "");
        assert.equal((await client.execute("none", "energy_data.csv")).success, true);
        client.close();
        const seed = new URL("../test/fixtures/seed/phase2/energy_data.csv", import.meta.url);
        assert.deepEqual(readFileSync(join(root, "energy_data.csv")), readFileSync(seed));
      } finally {
        child.kill(signal);
      }
      assert.deepEqual(await exited, [0, null]);
    });
  }

  for (const [signal, whom] of [
    ["SIGTERM", "npm"],
    ["SIGHUP", "npm"],
    ["SIGKILL", "npm"],
    ["SIGINT", "all"], // Ctrl-C; npm alone ignores it, and so stays as well
  ] as const) {
    it(`ends with npm on ${signal} to ${whom}`, {
      skip: process.platform === "win32" && "Windows has no signals to catch",
      timeout: 30_000,
    }, async () => {
      const child = spawn("npm", ["run", "services"], {
        cwd: fileURLToPath(new URL("..", import.meta.url)),
        env: { ...process.env, PORT_BASE: "0", DATA_ROOT: root },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      try {
        const lines = (await readyUnderNpm(child)).map((line) => line.split(" "));
        const ended = Promise.all([text(child.stdout), text(child.stderr)]);
        process.kill(whom === "all" ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
        // These end when the last who could write to them is gone.
        await ended;
        for (const [, , address = ""] of lines) assert.equal(await isListening(address), false, address);
      } finally {
        killGroup(child);
      }
    });
  }

  it("starts only those that are named", {
    skip: process.platform === "win32" && "Windows has no signals to catch",
  }, async () => {
    const child = start(["report-generator"], {});
    const exited = once(child, "exit");
    assert.equal((await ready(child, 1))[0]?.[1], "report-generator");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
  });

  it("refuses unknown names and ports that are none", async () => {
    assert.deepEqual((await end(["energy-analyser"], {})).code, 2);
    assert.match((await end([], { PORT_BASE: "http" })).err, /PORT_BASE is not a port: http/);
  });

  it("ends with one clear line, and none of them running, where a port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { out, err, code } = await end(["energy-generator"], { PORT_BASE: String(port) });
    taken.close();
    assert.deepEqual([out, code], ["", 1]);
    assert.match(err, /energy-generator cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(address.split(":").at(-1)), "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
