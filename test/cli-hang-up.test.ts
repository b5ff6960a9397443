// What becomes of a run when its terminal closes, on a real terminal.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { requirePython } from "../src/testing/python.ts";
import { until } from "../src/testing/until.ts";
import { type Cli, chain, createCli } from "./cli/harness.ts";

const python = requirePython("pty", ["pty"]);
const terminal = fileURLToPath(new URL("cli/terminal.py", import.meta.url));

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

/** A service whose calls last until `release`. */
async function serveSlow() {
  const called = Promise.withResolvers<void>();
  const done = Promise.withResolvers<string>();
  const { address } = await cli.serve("slow", () => {
    called.resolve();
    return done.promise;
  });
  cli.write("p.json", chain({ a: address }));
  return { called: called.promise, release: () => done.resolve("done") };
}

function log(): string {
  return readFileSync(join(cli.folder, ".busbar", "logs", "orchestrator.log"), "utf8");
}

/** Waits until the log says so; a test that waits too long fails by its own time limit. */
async function logged(text: string): Promise<void> {
  await until(() => log().includes(text));
}

const statusOf = async (runId: string): Promise<string> =>
  JSON.parse((await cli.run(["show", runId, "--json"])).stdout).status;

/** Waits until a process, which may show nothing, has a handler for SIGHUP. */
async function heedsHangUp(pid: number | undefined): Promise<void> {
  if (process.platform !== "linux") return void (await setTimeout(1000));
  // A mask of signals from 1 on, which is SIGHUP, in hexadecimal digits.
  await until(() => /^SigCgt:.*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
}

const REDIRECTIONS = { stdin: "</dev/null", stdout: ">out.txt", stderr: "2>err.txt" } as const;
type Stream = keyof typeof REDIRECTIONS;
const STREAMS = Object.keys(REDIRECTIONS) as readonly Stream[];
/** Every choice of streams that are the terminal, but none. */
const CHOICES = [1, 2, 3, 4, 5, 6, 7].map((bits) => STREAMS.filter((_, index) => (bits & (1 << index)) !== 0));

describe("a terminal that closes", { skip: python.skip }, () => {
  /** Starts a command of a shell, which replaces itself with it, at a terminal. */
  const startAtTerminal = (script: string, args: readonly string[]) =>
    cli.startUnder([python.found ? python.peer : "", terminal, "sh", "-c", script, "sh"], args);

  for (const kept of CHOICES) {
    it(`cancels a run that has it as ${kept.join(", ")}`, async () => {
      const slow = await serveSlow();
      const redirected = STREAMS.filter((stream) => !kept.includes(stream)).map((stream) => REDIRECTIONS[stream]);
      const running = startAtTerminal(`exec "$@" ${redirected.join(" ")}`, ["run", "p.json", "--run-id", "r1"]);
      await slow.called;
      running.child.stdin.end();
      assert.equal((await running.ended).code, 130);
      slow.release(); // its service would wait for it
      assert.equal(await statusOf("r1"), "cancelled");
      const { stdout } = await cli.run(["events", "r1"]);
      assert.match(stdout, /cancel requested by .*: SIGHUP/);
      assert.doesNotMatch(log(), /ignored/);
    });
  }

  const survivors = {
    "a run that has none of its streams there": `exec "$@" ${Object.values(REDIRECTIONS).join(" ")}`,
    "what nohup starts": `exec nohup "$@" </dev/null >out.txt 2>&1`,
  };
  for (const [name, script] of Object.entries(survivors)) {
    it(`does not end ${name}: it is noted in the log`, async () => {
      const slow = await serveSlow();
      const running = startAtTerminal(script, ["run", "p.json", "--run-id", "r1"]);
      await slow.called;
      running.child.stdin.end();
      await logged("SIGHUP: ignored");
      slow.release();
      assert.equal((await running.ended).code, 0);
      assert.equal(await statusOf("r1"), "succeeded");
    });
  }

  it("does not end what only looks, or serves, where none of its streams is there", async () => {
    const slow = await serveSlow();
    const owner = cli.start(["run", "p.json", "--run-id", "r1"]);
    await slow.called;
    for (const args of [
      ["events", "r1", "--follow"],
      ["logs", "r1", "--follow"],
      ["watch", "r1"],
    ]) {
      const looking = cli.start(args);
      if (args[0] === "logs") await heedsHangUp(looking.child.pid);
      else await looking.shows("started");
      looking.child.kill("SIGHUP");
      await setTimeout(100);
      assert.deepEqual([looking.child.exitCode, looking.child.signalCode], [null, null], args.join(" "));
      looking.child.kill("SIGKILL");
      await looking.ended;
    }
    const server = cli.start(["dummy-server", "--port", "0"]);
    await server.shows("READY");
    server.child.kill("SIGHUP");
    server.child.kill("SIGTERM");
    assert.equal((await server.ended).code, 0);
    slow.release();
    assert.equal((await owner.ended).code, 0);
  });
});
