// A state directory that goes while a run is recorded in it: no node is called for nothing, and nothing is said to
// have succeeded that nobody can look up.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openBusbar } from "../../src/index.ts";
import { STATE_LOSSES } from "../../src/testing/state-losses.ts";
import { type Cli, chain, createCli } from "../cli/harness.ts";

const skip = process.platform === "win32" && "Windows lets nobody remove or replace a file that is open";

let cli: Cli;
let stateDir: string;
let other: string;
beforeEach(() => {
  cli = createCli();
  stateDir = join(cli.folder, ".busbar");
  other = join(cli.folder, "other");
});
afterEach(() => cli.close());

/** Two nodes, of which the first does that to the state directory, and says afterwards whether the second was called. */
async function writeChain(happen: () => void | Promise<void>): Promise<() => boolean> {
  let called = false;
  const first = await cli.serve("a", async () => {
    await happen();
    return "done";
  });
  const second = await cli.serve("b", () => {
    called = true;
    return "done";
  });
  cli.write("p.json", chain({ a: first.address, b: second.address }));
  return () => called;
}

describe("a state directory that goes while a run is recorded in it", { skip }, () => {
  for (const { title, happen, inPlace } of STATE_LOSSES) {
    // What was overwritten in place is noticed where anything is lost by it, which takes more than one run (presence.test.ts).
    if (inPlace) continue;
    it(`ends the run's driving with exit code 38, and calls no further node: ${title}`, async () => {
      const wasCalled = await writeChain(() => happen(stateDir, other));
      const elsewhere = await cli.serve("z", () => "done");
      cli.write("other.json", chain({ z: elsewhere.address }));
      assert.equal((await cli.run(["run", "other.json", "--state-dir", other])).code, 0);
      const { code, stdout, stderr } = await cli.run(["run", "p.json", "--run-id", "r1", "--json"]);
      assert.equal(code, 38, stderr);
      assert.match(stderr, /JOURNAL_GONE: .*\.busbar (?:is gone|was replaced by another file)/);
      assert.match(stderr, /→ Put back what is gone;/);
      assert.doesNotMatch(stdout, /node\.succeeded|run\.succeeded/);
      assert.equal(wasCalled(), false);
      // Nothing of it is made anew behind the user's back.
      if (title.startsWith("the directory is")) assert.ok(!existsSync(stateDir));
    });
  }

  it("loses nothing where only the index of the WAL was cut short", async () => {
    for (const bytes of [0, 1, 4096, 32_767]) {
      const wasCalled = await writeChain(() => truncateSync(join(stateDir, "journal.db-shm"), bytes));
      const { code, stderr } = await cli.run(["run", "p.json", "--run-id", `r${bytes}`]);
      assert.equal(code, 0, stderr);
      assert.equal(wasCalled(), true);
    }
    const { code, stdout } = await cli.run(["doctor"]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /4 of 4 recorded runs keep every history rule/);
  });

  it("is noticed while a call goes on, which is cancelled", async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const slow = await cli.serve("a", async (_request, { signal }) => {
      rmSync(stateDir, { recursive: true });
      await new Promise<void>((over) => signal.addEventListener("abort", () => over(), { once: true }));
      resolve();
      return "too late";
    });
    cli.write("p.json", chain({ a: slow.address }));
    const { code, stderr } = await cli.run(["run", "p.json"]);
    await cancelled;
    assert.equal(code, 38, stderr);
  });

  it("ends a run of a program that is to wait for its journal, too", async () => {
    const wasCalled = await writeChain(() => rmSync(join(stateDir, "journal.db")));
    const busbar = await openBusbar({ stateDir, onTrouble: () => undefined });
    try {
      const read = await busbar.readWorkflow(join(cli.folder, "p.json"));
      assert.ok(read.ok);
      const { runId } = await busbar.start({ definition: read.definition });
      await assert.rejects(busbar.wait(runId), { code: "JOURNAL_GONE" });
      await assert.rejects(busbar.get(runId), { code: "JOURNAL_GONE" });
      await assert.rejects(busbar.start({ definition: read.definition }), { code: "JOURNAL_GONE" });
      assert.equal(wasCalled(), false);
    } finally {
      await busbar.close();
    }
  });
});

describe("a state directory that goes while a run in it is followed", { skip }, () => {
  /** Nothing of the run lies there any more; of the others it depends on what is noticed first. */
  const lost = /^the directory is|^an empty|^another state|^all its files/;

  for (const { title, happen, inPlace } of STATE_LOSSES) {
    if (inPlace) continue;
    it(`is no wrong usage, and no bug: ${title}`, async () => {
      const called = Promise.withResolvers<void>();
      const slow = await cli.serve("a", async (_request, { signal }) => {
        called.resolve();
        await once(signal, "abort");
        return "too late";
      });
      const elsewhere = await cli.serve("z", () => "done");
      cli.write("p.json", chain({ a: slow.address }));
      cli.write("other.json", chain({ z: elsewhere.address }));
      assert.equal((await cli.run(["run", "other.json", "--state-dir", other])).code, 0);
      const running = cli.start(["run", "p.json", "--run-id", "r1"]);
      await called.promise;
      const watching = cli.start(["watch", "r1"]);
      await watching.shows("a  started");
      happen(stateDir, other);
      // Where it is not noticed, nothing is lost, and there is nothing to say.
      running.child.kill("SIGTERM");
      const ended = await watching.ended;
      await running.ended;
      const [code, said] = lost.test(title)
        ? [[38], /JOURNAL_GONE: run r1 was in .*, and is not any more\n {2}→ Put back what is gone/]
        : [[31, 34, 38, 130], /JOURNAL_(?:GONE|DAMAGED|UNREADABLE): |run r1 is interrupted|run r1 cancelled/];
      assert.ok(code.includes(ended.code ?? -1), `${ended.code} ${ended.stderr}`);
      assert.match(ended.stderr, said);
    });
  }
});

describe("a log that goes while it is written", { skip }, () => {
  it("stops no run, and is told of once", async () => {
    await writeChain(() => rmSync(join(stateDir, "logs"), { recursive: true }));
    const { code, stderr } = await cli.run(["run", "p.json"]);
    assert.equal(code, 0, stderr);
    assert.equal(
      stderr.match(/orchestrator\.log was deleted while it was written; going on without it/g)?.length,
      1,
      stderr,
    );
    assert.ok(!existsSync(join(stateDir, "logs")));
  });
});
