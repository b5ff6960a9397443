// Signals and `busbar cancel`, end to end.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Execute, RunningService } from "../src/service/index.ts";
import { type Cli, chain, createCli, jsonLines } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

/** A service whose calls last until they are cancelled, or, stubborn, until `release`. */
function createSlow(options: { readonly stubborn?: boolean } = {}) {
  let release = (): void => {};
  const released = new Promise<string>((resolve) => {
    release = () => resolve("released");
  });
  const seen = { cancelled: 0 };
  const execute: Execute = (_, { signal }) => {
    const aborted = new Promise<string>((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        seen.cancelled += 1;
        if (options.stubborn !== true) reject(new Error("cancelled"));
      });
    });
    return Promise.race([released, aborted]);
  };
  return { execute, release, seen };
}

async function slowRun(slow: Pick<ReturnType<typeof createSlow>, "execute">, args: readonly string[] = []) {
  const service: RunningService = await cli.serve("a", slow.execute);
  cli.write("p.json", chain({ a: service.address, b: service.address }));
  const running = cli.start(["run", "p.json", "--run-id", "r1", ...args]);
  await running.shows(args.includes("--json") ? '"node.started"' : "a  started");
  return running;
}

const windows = process.platform === "win32" ? "Windows has no such signals" : false;

describe("a signal", { skip: windows }, () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} cancels the run at the service and exits 130`, async () => {
      const slow = createSlow();
      const running = await slowRun(slow, ["--json"]);
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 130, stderr);
      assert.ok(stderr.includes(`${signal}: cancelling`), stderr);
      assert.equal(slow.seen.cancelled, 1);
      const events = jsonLines(stdout);
      assert.equal(events.at(-1)?.type, "run.cancelled");
      assert.equal(events.find(({ type }) => type === "run.cancel_requested")?.reason, signal);
      slow.release();
      const resumed = await cli.run(["resume", "r1"]);
      assert.equal(resumed.code, 0, resumed.stderr);
    });
  }

  it("cancels also while services are waited for", async () => {
    const gone = await cli.serve("gone", () => "never");
    await gone.close(0);
    cli.write("p.json", chain({ a: gone.address }));
    const running = cli.start(["run", "p.json", "--run-id", "r1", "--wait-for-services", "600", "--json"]);
    await running.shows('"run.created"');
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.equal(jsonLines(stdout).at(-1)?.type, "run.cancelled");
  });

  it("ends at once the second time, and leaves the run to resume", async () => {
    const slow = createSlow({ stubborn: true });
    const running = await slowRun(slow);
    // Both find it stopped, so that it cannot end in between.
    running.child.kill("SIGSTOP");
    running.child.kill("SIGTERM");
    running.child.kill("SIGINT");
    running.child.kill("SIGCONT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    // Between the signals the request to cancel may have become durable.
    assert.match(
      stderr,
      /cancelling, waiting .*\n(?:.* run r1 {2}cancel requested .*\n.* b {2}skipped.*\n)?run r1 is left as it is\. Next: busbar resume r1\n$/,
    );
    const [run] = JSON.parse((await cli.run(["runs", "--interrupted", "--json"])).stdout);
    assert.equal(run.owner.alive, false);
    const table = (await cli.run(["runs"])).stdout;
    assert.match(table, /r1 .*running \(interrupted\).*busbar resume r1/);
    slow.release();
    assert.equal((await cli.run(["resume", "r1"])).code, 0);
  });
});

describe("busbar cancel", () => {
  it("cancels a run of another process, returns when it has ended, and exits 0 then", async () => {
    const running = await slowRun(createSlow());
    const refused = await cli.run(["resume", "r1"]);
    assert.equal(refused.code, 30, refused.stderr);
    assert.ok(refused.stderr.includes(`process ${running.child.pid}`), refused.stderr);
    const cancelled = await cli.run(["cancel", "r1", "--reason", "wrong input"]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.match(cancelled.stderr, /run r1 cancelled/);
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /cancel requested by .*: wrong input/);
    assert.equal((await cli.run(["cancel", "r1"])).code, 0, "it has ended cancelled already");
  });

  it("returns sooner with --no-wait, however long the calls take to end", async () => {
    const slow = createSlow({ stubborn: true });
    const running = await slowRun(slow);
    const sent = await cli.run(["cancel", "r1", "--no-wait"]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal(sent.stderr, "run r1: cancelling\n");
    assert.equal(running.child.exitCode, null);
    await running.shows("cancel requested");
    slow.release();
    assert.equal((await running.ended).code, 130);
  });

  it("waits with --no-wait until the request is recorded", async () => {
    const running = await slowRun(createSlow());
    const db = new DatabaseSync(join(cli.folder, ".busbar", "journal.db"), { timeout: 5000 });
    db.exec("BEGIN IMMEDIATE");
    const sending = cli.start(["cancel", "r1", "--no-wait"]);
    assert.equal(await Promise.race([sending.ended, setTimeout(3000, "waits")]), "waits");
    db.exec("ROLLBACK");
    db.close();
    const sent = await sending.ended;
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal((await running.ended).code, 130);
  });

  it("asks again where the process of the run is gone before it has ended it", async () => {
    const slow = createSlow({ stubborn: true });
    const running = await slowRun(slow);
    const cancelling = cli.start(["cancel", "r1"]);
    await running.shows("cancel requested");
    running.child.kill("SIGKILL");
    const { code, stderr } = await cancelling.ended;
    assert.equal(code, 0, stderr);
    slow.release();
  });

  it("writes a request and owns nothing, where somebody drives the run", async () => {
    const running = await slowRun(createSlow());
    const owners = readdirSync(join(cli.folder, ".busbar", "owners"));
    const journal = new DatabaseSync(join(cli.folder, ".busbar", "journal.db"), { readOnly: true });
    const sending = await cli.run(["cancel", "r1"], { LOG_DIR: "log-of-an-owner" });
    assert.equal(sending.code, 0, sending.stderr);
    assert.ok(!existsSync(join(cli.folder, "log-of-an-owner")));
    const count = (table: string) => journal.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n;
    assert.deepEqual([owners.length, count("owners"), count("requests")], [1, 1, 1]);
    journal.close();
    assert.equal((await running.ended).code, 130);
  });

  it("says that there is no such run, and makes nothing", async () => {
    const { code, stderr } = await cli.run(["cancel", "r1"]);
    assert.equal(code, 2);
    assert.match(stderr, /^RUN_NOT_FOUND: /);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });

  it("ends a run that nobody drives any more", async () => {
    const running = await slowRun(createSlow());
    running.child.kill("SIGKILL");
    await running.ended;
    assert.equal((await cli.run(["show", "r1"])).stdout.includes("running (interrupted)"), true);
    const cancelled = await cli.run(["cancel", "r1"]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    const view = JSON.parse((await cli.run(["show", "r1", "--json"])).stdout);
    assert.equal(view.status, "cancelled");
  });

  it("exits 1 for a run that ended otherwise, and 2 for one that is not there", async () => {
    const service = await cli.serve("a", () => "done");
    cli.write("p.json", chain({ a: service.address }));
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    assert.equal((await cli.run(["cancel", "r1"])).code, 1);
    assert.equal((await cli.run(["cancel", "r2"])).code, 2);
  });
});
