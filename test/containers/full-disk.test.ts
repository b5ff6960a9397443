// What a full disk does to a run of docker nodes.

import assert from "node:assert/strict";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { listContainers } from "../../src/testing/docker/containers.ts";
import { requireDocker } from "../../src/testing/docker/engine.ts";
import { mountSkip, withSmallDisk } from "../../src/testing/mounts.ts";
import { until } from "../../src/testing/until.ts";
import { type Ended, jsonLines, type Running } from "../cli/harness.ts";
import { useDocker } from "./docker-suite.ts";

const engine = requireDocker();
/** Of `resume`, which has nothing to wait for. */
const ENDS_WITHIN_MS = 30_000;

describe("a full disk under a run of docker nodes", { skip: engine.skip || mountSkip(), timeout: 180_000 }, () => {
  const suite = useDocker(engine, "full");
  const { runId, shell } = suite;
  const log = (): string => suite.file("log");
  const letGo = (): void => writeFileSync(join(suite.data, "go"), "");

  /** Begins a run of two containers; resolves when the first one waits for the file `go`. */
  async function beginRun(stateDir: string): Promise<Running> {
    const waits = "echo begun >>/data/log; until [ -e /data/go ]; do sleep 0.1; done; echo done >>/data/log";
    const containers = { a: shell(waits, { next_node: "b" }), b: shell("echo b >>/data/log") };
    suite.cli.write("w.json", { workflow_name: "w", start_node: "a", containers });
    writeFileSync(join(suite.data, "log"), "");
    const running = suite.cli.start(["run", "w.json", "--run-id", runId, "--json", "--state-dir", stateDir]);
    await until(() => log() !== "" || running.child.exitCode !== null);
    assert.equal(log(), "begun\n", running.child.exitCode === null ? "" : (await running.ended).stderr);
    return running;
  }

  /** Not a byte is left. */
  function fill(disk: string): void {
    const filler = openSync(join(disk, "filler"), "w");
    assert.throws(
      () => {
        for (;;) writeSync(filler, Buffer.alloc(4096));
      },
      { code: "ENOSPC" },
    );
    closeSync(filler);
  }

  async function endOf(running: Running): Promise<Ended> {
    const ended = await Promise.race([running.ended, setTimeout(ENDS_WITHIN_MS, undefined, { ref: false })]);
    if (ended === undefined) running.child.kill("SIGKILL");
    assert.ok(ended, `it did not end: ${JSON.stringify(await running.ended)}`);
    return ended;
  }

  /** The journal, the reason and what to do are named; nothing was begun or ended meanwhile. */
  function assertRefused({ code, stderr }: Ended): void {
    assert.ok(code !== null && code >= 30 && code <= 39, `exit ${code}: ${stderr}`);
    assert.match(stderr, /JOURNAL_FULL/);
    assert.equal(log(), "begun\n");
    assert.deepEqual(
      listContainers(`busbar.run=${runId}`).map(({ status }) => status),
      ["running"],
    );
  }

  it("makes resume end with 30-39, and a later one, with room again, goes on with the container", async () => {
    await withSmallDisk(suite.cli.folder, 4, async (disk) => {
      const stateDir = join(disk, ".busbar");
      const killed = await beginRun(stateDir);
      killed.child.kill("SIGKILL");
      await killed.ended;
      fill(disk);
      assertRefused(await endOf(suite.cli.start(["resume", runId, "--json", "--state-dir", stateDir])));

      rmSync(join(disk, "filler"));
      const resumed = suite.cli.start(["resume", runId, "--json", "--state-dir", stateDir]);
      await resumed.shows("run.resumed");
      letGo();
      const { code, stderr } = await endOf(resumed);
      assert.equal(code, 0, stderr);
      assert.equal(log(), "begun\ndone\nb\n");
      const { stdout } = await suite.cli.run(["events", runId, "--json", "--state-dir", stateDir]);
      const started = jsonLines(stdout).filter(({ type }) => type === "node.started");
      assert.deepEqual(
        started.map(({ node_id, attempt }) => [node_id, attempt]),
        [
          ["a", 1],
          ["b", 1],
        ],
      );
      assert.deepEqual(listContainers(`busbar.run=${runId}`), []);
      const doctor = await suite.cli.run(["doctor", "--json", "--state-dir", stateDir]);
      const found = JSON.parse(doctor.stdout).checks.filter(({ ok }: { readonly ok: boolean }) => !ok);
      // So small a disk is a finding itself.
      assert.deepEqual(
        found.map(({ check }: { readonly check: string }) => check),
        ["disk"],
      );
    });
  });

  it("lets SIGTERM end a run under way, though the cancel cannot be recorded", async () => {
    await withSmallDisk(suite.cli.folder, 4, async (disk) => {
      const stateDir = join(disk, ".busbar");
      const running = await beginRun(stateDir);
      fill(disk);
      running.child.kill("SIGTERM");
      const { code, stderr } = await endOf(running);
      assert.ok(code !== null && code >= 30 && code <= 39, `exit ${code}: ${stderr}`);
      assert.match(stderr, /JOURNAL_FULL/);

      rmSync(join(disk, "filler"));
      letGo();
      const resumed = await endOf(suite.cli.start(["resume", runId, "--json", "--state-dir", stateDir]));
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.match(log(), /done\nb\n$/);
    });
  });
});
