// Runs in the background: `--detach`, and `busbar watch`.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { fillDisk, mountSkip, withSmallDisk } from "../../src/testing/mounts.ts";
import { until } from "../../src/testing/until.ts";
import { type Cli, chain, createCli, jsonLines, nobodyDrives } from "../cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

const windows = process.platform === "win32" ? "Windows has no such signals" : false;

/** A service whose calls last until they are cancelled, or until `release`. */
async function serveSlow(name = "slow") {
  const done = Promise.withResolvers<string>();
  const called = Promise.withResolvers<void>();
  const { address } = await cli.serve(name, (_, { signal }) => {
    called.resolve();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("cancelled")));
    });
    return Promise.race([done.promise, aborted]);
  });
  cli.write("slow.json", chain({ a: address }));
  return { called: called.promise, release: () => done.resolve("done") };
}

async function view(runId: string) {
  return JSON.parse((await cli.run(["show", runId, "--json"])).stdout);
}

/** Nobody can begin or record a run until it is let go. */
async function withLockedJournal(action: (letGo: () => void) => Promise<void>): Promise<void> {
  assert.equal((await cli.run(["runs"])).code, 0);
  const db = new DatabaseSync(join(cli.folder, ".busbar", "journal.db"), { timeout: 5000 });
  db.exec("BEGIN IMMEDIATE");
  let locked = true;
  const letGo = (): void => {
    if (locked) db.exec("ROLLBACK");
    locked = false;
  };
  try {
    await action(letGo);
  } finally {
    letGo();
    db.close();
  }
}

describe("busbar run --detach", () => {
  it("prints the id alone, returns once the run is recorded, and leaves it to a process of its own", async () => {
    const slow = await serveSlow();
    // It ends only when nobody holds its stdout and stderr any more.
    const { code, stdout, stderr } = await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "r1\n");
    assert.equal(stderr, "run r1 goes on in the background. Next: busbar watch r1\n");
    await slow.called;
    const { status, owner } = await view("r1");
    assert.deepEqual([status, owner.alive], ["running", true]);
    if (process.platform === "linux") {
      // pid (name) state ppid pgrp session tty_nr
      const [, , , session, terminal] =
        readFileSync(`/proc/${owner.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      assert.deepEqual([session, terminal], [String(owner.pid), "0"]);
      for (const fd of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${owner.pid}/fd/${fd}`), "/dev/null");
    }
    slow.release();
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
  });

  it("makes an id where none is given, and takes what run takes: params, environment, directories", async () => {
    const { address } = await cli.serve("a", ({ inputFile }) => `${inputFile} of top-secret-value`);
    cli.write("p.json", {
      ...chain({ a: address }),
      params: { day: {} },
      service_registry: { a: { address, metadata: { authorization: `\${env.TOKEN}` } } },
      containers: { a: { input_file: `\${params.day}.csv`, output_file: "o" } },
    });
    const place = ["--state-dir", "some where/state"];
    const { code, stdout, stderr } = await cli.run(
      ["run", "p.json", "--detach", "--param", "day=monday", "--preflight-timeout", "9", ...place],
      { TOKEN: "top-secret-value", LOG_DIR: "own-logs" },
    );
    assert.equal(code, 0, stderr);
    const runId = stdout.trim();
    assert.match(stdout, /^[A-Za-z0-9][\w.-]*\n$/);
    assert.ok(stderr.endsWith(`busbar watch ${runId} --state-dir 'some where/state'\n`), stderr);
    const watched = await cli.run(["watch", runId, "--json", ...place]);
    assert.equal(watched.code, 0, watched.stderr);
    assert.match(watched.stdout, /monday\.csv of \*\*\*/);
    assert.ok(existsSync(join(cli.folder, "own-logs", "orchestrator.log")));
  });

  it("is refused as run and resume are: the same words on stderr, the same exit code, nothing on stdout", async () => {
    const slow = await serveSlow();
    cli.write("invalid.json", { workflow_name: "x" });
    cli.write("params.json", {
      ...JSON.parse(readFileSync(join(cli.folder, "slow.json"), "utf8")),
      params: { must: {} },
    });
    assert.equal((await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"])).code, 0);
    await slow.called;
    const refused: readonly (readonly [code: number, ...args: readonly string[]])[] = [
      [2, "run", "slow.json", "--run-id", "r1"],
      [2, "run", "slow.json", "--run-id", "-no-"],
      [2, "run", "slow.json", "--nonsense"],
      [2, "run", "slow.txt"],
      [2, "run", "slow.json", "--param", "x"],
      [2, "run", "slow.json", "--preflight-timeout", "soon"],
      [10, "run", "nowhere.json"],
      [12, "run", "invalid.json"],
      [14, "run", "params.json"],
      [14, "run", "params.json", "--param", "must=1", "--param", "no=2"],
      [34, "run", "slow.json", "--state-dir", "slow.json"],
      [2, "resume", "r2"],
      [10, "resume", "r1", "--file", "nowhere.json"],
      [30, "resume", "r1"],
    ];
    for (const [code, ...args] of refused) {
      const [plain, detached] = [await cli.run(args), await cli.run([...args, "--detach"])];
      assert.deepEqual(detached, plain, args.join(" "));
      assert.deepEqual([detached.code, detached.stdout], [code, ""], detached.stderr);
    }
    slow.release();
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
    const [plain, detached] = [await cli.run(["resume", "r1"]), await cli.run(["resume", "r1", "--detach"])];
    assert.deepEqual(detached, plain, "a run that has succeeded");
    assert.equal(JSON.parse((await cli.run(["runs", "--json"])).stdout).length, 1);
  });

  it("refuses options that say how a run is shown", async () => {
    await serveSlow();
    for (const option of [["--json"], ["--log-format", "json"], ["--log-format", "human"]]) {
      const { code, stdout, stderr } = await cli.run(["run", "slow.json", "--detach", ...option]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, new RegExp(`^USAGE: ${option[0]} .*busbar watch`));
    }
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });

  it("resumes too, and is reached by cancel", async () => {
    const slow = await serveSlow();
    assert.equal((await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"])).code, 0);
    await slow.called;
    const cancelled = await cli.run(["cancel", "r1"]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.equal((await cli.run(["watch", "r1"])).code, 130);
    const resumed = await cli.run(["resume", "r1", "--detach"]);
    assert.deepEqual([resumed.code, resumed.stdout], [0, "r1\n"], resumed.stderr);
    slow.release();
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
  });

  it("reads the workflow from stdin, where that is asked for", async () => {
    const slow = await serveSlow();
    slow.release();
    const started = cli.start(["run", "-", "--detach", "--run-id", "r1"]);
    started.child.stdin.end(readFileSync(join(cli.folder, "slow.json")));
    const { code, stdout, stderr } = await started.ended;
    assert.deepEqual([code, stdout], [0, "r1\n"], stderr);
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
    // Refused before it has read anything, while somebody may still write.
    const refused = await cli.start(["run", "-", "--detach", "--param", "x"]).ended;
    assert.deepEqual([refused.code, refused.stdout], [2, ""], refused.stderr);
  });

  it("takes no connection of another program for its own", async () => {
    const slow = await serveSlow();
    slow.release();
    // As a program would that forks the command.
    const script = `const child = require("node:child_process").fork(process.argv[2], process.argv.slice(3), { stdio: "inherit" });
      child.on("message", (message) => console.log(message)).on("exit", (code) => process.exit(code));`;
    const { code, stdout } = await cli.startUnder(
      [process.execPath, "-e", script],
      ["run", "slow.json", "--detach", "--run-id", "r1"],
    ).ended;
    assert.deepEqual([code, stdout], [0, "r1\n"]);
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
  });

  it("writes to its log what it has no stderr for", { skip: windows }, async () => {
    const slow = await serveSlow();
    assert.equal((await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"])).code, 0);
    await slow.called;
    const noted = () =>
      jsonLines(readFileSync(join(cli.folder, ".busbar", "logs", "orchestrator.log"), "utf8")).filter(
        ({ trace_id }) => trace_id === undefined,
      );
    const { owner } = await view("r1");
    process.kill(owner.pid, "SIGHUP");
    await until(() => noted().length !== 0);
    const [note] = noted();
    assert.deepEqual(Object.keys(note ?? {}), ["timestamp", "level", "message", "service", "node"]);
    assert.match(String(note?.message), /^SIGHUP: ignored/);
    slow.release();
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
  });
});

describe("what a run in the background has no stderr for", () => {
  it("is in its log, its last words too", { skip: mountSkip() }, async () => {
    const slow = await serveSlow();
    await withSmallDisk(join(cli.folder, "x"), 4, async (disk) => {
      const place = ["--state-dir", join(disk, "state")];
      const started = await cli.run(["run", "slow.json", "--detach", "--run-id", "r1", ...place], { LOG_DIR: "own" });
      assert.equal(started.code, 0, started.stderr);
      await slow.called;
      fillDisk(disk);
      slow.release();
      const log = () => readFileSync(join(cli.folder, "own", "orchestrator.log"), "utf8");
      await until(() => log().includes('"ERROR"'));
      assert.match(
        String(jsonLines(log()).at(-1)?.message),
        /^JOURNAL_FULL .* Run r1 is interrupted: busbar resume r1/,
      );
      const watched = await cli.run(["watch", "r1", ...place]);
      assert.equal(watched.code, 130, watched.stderr);
      assert.match(watched.stderr, /run r1 is interrupted/);
    });
  });
});

describe("a bug that ends a run in the background", { skip: windows }, () => {
  it("is in its log, with the place where it was", async () => {
    const slow = await serveSlow();
    const bug = cli.write("bug.mjs", 'process.on("SIGUSR2", () => { throw new TypeError("no such thing"); });');
    const { code } = await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"], {
      NODE_OPTIONS: `--import=${pathToFileURL(bug)}`,
    });
    assert.equal(code, 0);
    await slow.called;
    process.kill((await view("r1")).owner.pid, "SIGUSR2");
    const log = () => readFileSync(join(cli.folder, ".busbar", "logs", "orchestrator.log"), "utf8");
    await until(() => log().includes('"ERROR"'));
    assert.match(
      String(jsonLines(log()).at(-1)?.message),
      /^INTERNAL no such thing\\nTypeError: no such thing\\n +at .*bug\.mjs/,
    );
  });
});

describe("a handover that is broken off", {
  skip: process.platform !== "linux" && "processes are looked up as on Linux",
}, () => {
  const runsHere = async (): Promise<readonly { readonly status: string }[]> =>
    JSON.parse((await cli.run(["runs", "--json"])).stdout);

  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    it(`by ${signal} leaves no run that goes on`, async () => {
      const slow = await serveSlow();
      // Makes the state directory.
      slow.release();
      assert.equal((await cli.run(["run", "slow.json", "--run-id", "r0"])).code, 0);
      await withLockedJournal(async (letGo) => {
        const starting = cli.start(["run", "slow.json", "--detach", "--run-id", "r1"]);
        const background = await backgroundOf(starting.child.pid);
        // Until the journal refuses it, it is busy with it.
        await setTimeout(500);
        starting.child.kill(signal);
        await setTimeout(100);
        letGo();
        const { code, stdout } = await starting.ended;
        assert.equal(stdout, "");
        if (signal !== "SIGKILL") assert.equal(code, 130);
        while (isAlive(background)) await setTimeout(20);
      });
      for (const { status } of (await runsHere()).slice(0, -1)) assert.equal(status, "cancelled");
    });
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`by ${signal} while the workflow is still read is no failure`, async () => {
      const starting = cli.start(["run", "-", "--detach", "--run-id", "r1"]);
      const background = await backgroundOf(starting.child.pid);
      // Until it waits for the rest of its stdin.
      await setTimeout(500);
      starting.child.kill(signal);
      assert.deepEqual(await starting.ended, { code: 130, stdout: "", stderr: "" });
      assert.ok(!isAlive(background));
      assert.deepEqual(await runsHere(), []);
    });
  }

  it("by the death of the process in the background is said, with 71", {
    skip: process.platform !== "linux",
  }, async () => {
    const slow = await serveSlow();
    slow.release();
    assert.equal((await cli.run(["run", "slow.json", "--run-id", "r0"])).code, 0);
    await withLockedJournal(async () => {
      const starting = cli.start(["run", "slow.json", "--detach", "--run-id", "r1"]);
      process.kill(await backgroundOf(starting.child.pid), "SIGKILL");
      const { code, stdout, stderr } = await starting.ended;
      assert.deepEqual([code, stdout], [71, ""], stderr);
      assert.match(stderr, /^DETACH_FAILED: .* ended by SIGKILL\n {2}→ .*busbar runs/);
    });
    assert.equal((await runsHere()).length, 1);
  });
});

describe("busbar watch", () => {
  it("shows of a run that is over what run has shown, and exits as it did", async () => {
    const good = await cli.serve("good", () => "fine");
    const bad = await cli.serve("bad", () => {
      throw new Error("no");
    });
    const gone = await cli.serve("gone", () => "");
    await gone.close(0);
    cli.write("0.json", chain({ a: good.address, b: good.address }));
    cli.write("1.json", chain({ a: good.address, b: bad.address, c: good.address }));
    cli.write("20.json", chain({ a: good.address, b: gone.address }));
    for (const expected of [0, 1, 20]) {
      const id = `r${expected}`;
      const ran = await cli.run(["run", `${expected}.json`, "--run-id", id]);
      assert.equal(ran.code, expected, ran.stderr);
      assert.deepEqual(await cli.run(["watch", id]), ran);
      const watched = await cli.run(["watch", id, "--json"]);
      assert.equal(watched.code, expected);
      assert.equal(watched.stdout, (await cli.run(["events", id, "--json"])).stdout);
    }
  });

  it("shows a run from its beginning while it goes on, and exits as it ends", async () => {
    const slow = await serveSlow();
    const running = cli.start(["run", "slow.json", "--run-id", "r1"]);
    await slow.called;
    const watching = cli.start(["watch", "r1"]);
    await watching.shows("a  started");
    slow.release();
    const [ran, watched] = [await running.ended, await watching.ended];
    assert.deepEqual(watched, ran);
  });

  it("shows a run that was resumed to its present end", async () => {
    const slow = await serveSlow();
    const running = cli.start(["run", "slow.json", "--run-id", "r1"]);
    await slow.called;
    assert.equal((await cli.run(["cancel", "r1"])).code, 0);
    await running.ended;
    slow.release();
    assert.equal((await cli.run(["resume", "r1"])).code, 0);
    const { code, stderr } = await cli.run(["watch", "r1"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /created\n[\s\S]* cancelled after [\s\S]* resumed [\s\S]*✓ run r1 succeeded/);
  });

  it("ends by Ctrl-C, the run does not; both are said", { skip: windows }, async () => {
    const slow = await serveSlow();
    assert.equal((await cli.run(["run", "slow.json", "--detach", "--run-id", "r1"])).code, 0);
    const watching = cli.start(["watch", "r1"]);
    await watching.shows("a  started");
    watching.child.kill("SIGINT");
    const { code, stderr } = await watching.ended;
    assert.equal(code, 130);
    assert.match(stderr, /run r1 goes on\. Next: busbar watch r1, or busbar cancel r1\n$/);
    assert.equal((await view("r1")).status, "running");
    slow.release();
    assert.equal((await cli.run(["watch", "r1"])).code, 0);
  });

  it("says of a run that nobody drives any more how it goes on, and exits 130", async () => {
    const slow = await serveSlow();
    const running = cli.start(["run", "slow.json", "--run-id", "r1"]);
    await slow.called;
    const watching = cli.start(["watch", "r1"]);
    await watching.shows("a  started");
    running.child.kill("SIGKILL");
    for (const { code, stderr } of [await watching.ended, await cli.run(["watch", "r1"])]) {
      assert.equal(code, 130, stderr);
      assert.match(stderr, /run r1 is interrupted: its process \d+ on .* is gone\. Next: busbar resume r1\n$/);
    }
  });

  it("owns and writes nothing, and says that there is no such run", async () => {
    const none = await cli.run(["watch", "r1"]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^RUN_NOT_FOUND/);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
    const slow = await serveSlow();
    slow.release();
    assert.equal((await cli.run(["run", "slow.json", "--run-id", "r1"])).code, 0);
    await nobodyDrives(cli);
    assert.equal((await cli.run(["watch", "r1"], { LOG_DIR: "log-of-an-owner" })).code, 0);
    assert.ok(!existsSync(join(cli.folder, "log-of-an-owner")));
  });
});

/** The process that a starter has started, once it is there. */
async function backgroundOf(starter: number | undefined): Promise<number> {
  for (;;) {
    const [pid] = readFileSync(`/proc/${starter}/task/${starter}/children`, "utf8").trim().split(" ");
    if (pid !== undefined && pid !== "") return Number(pid);
    await setTimeout(10);
  }
}

/** Not one that has ended and that nobody has asked yet how. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
