// Docker nodes from the command line, on a real engine: order, mixed graphs, crashes, cancel, secrets.

import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { listContainers } from "../../src/testing/docker/containers.ts";
import { docker, requireDocker } from "../../src/testing/docker/engine.ts";
import { until } from "../../src/testing/until.ts";
import { jsonLines, type Running } from "../cli/harness.ts";
import { useDocker } from "./docker-suite.ts";

const peer = requireDocker();

describe("docker nodes", { skip: peer.skip }, () => {
  const suite = useDocker(peer, "e2e");
  const { runId, file, shell } = suite;

  const command = (script: string, more: object = {}) => ({
    command: `docker run --rm -v '${suite.data}:/data' --network none ${suite.image} sh -c '${script}'`,
    ...more,
  });
  const workflow = (containers: object, more: object = {}): string => {
    suite.cli.write("w.json", { workflow_name: "w", execution_mode: "docker", containers, ...more });
    return "w.json";
  };
  const run = (file: string, args: readonly string[] = [], env = {}): Running =>
    suite.cli.start(["run", file, "--run-id", runId, "--json", ...args], env);
  const eventsOf = async () => jsonLines((await suite.cli.run(["events", runId, "--json"])).stdout);
  const told = (events: Awaited<ReturnType<typeof eventsOf>>) =>
    events.filter(({ type }) => type.startsWith("node.")).map((event) => `${event.type} ${event.node_id}`);

  it("run in order, commands and the structured form beside gRPC nodes, and leave their output in the log", async () => {
    const service = await suite.cli.serve("b", async ({ inputFile }) => `read ${file(inputFile).trim()}`);
    const running = run(
      workflow(
        {
          a: command("echo out-of-a; echo err-of-a >&2; echo from-a > /data/a.txt", { next_node: "b" }),
          b: { executor: "grpc", input_file: "a.txt", output_file: "b.txt", next_node: "c" },
          c: shell("cat /data/a.txt; echo from-c > /data/c.txt"),
        },
        { start_node: "a", service_registry: { b: service.address } },
      ),
    );
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const events = jsonLines(stdout);
    assert.deepEqual(
      told(events),
      ["a", "b", "c"].flatMap((id) => [`node.started ${id}`, `node.succeeded ${id}`]),
    );
    assert.deepEqual(
      events.filter(({ type }) => type === "node.succeeded").map(({ output }) => output),
      [{ exit_code: 0 }, { message: "read from-a" }, { exit_code: 0 }],
    );
    assert.equal(file("c.txt"), "from-c\n");
    const logs = jsonLines((await suite.cli.run(["logs", runId, "--json"])).stdout) as unknown as readonly {
      readonly node_id: string;
      readonly stream: string;
      readonly text: string;
    }[];
    const said = logs
      .filter(({ stream }) => stream !== "busbar")
      .map((line) => `${line.node_id} ${line.stream} ${line.text}`);
    assert.deepEqual(said.toSorted(), ["a stderr err-of-a", "a stdout out-of-a", "c stdout from-a"]);
    const lines = readFileSync(join(suite.cli.folder, ".busbar/logs/orchestrator.log"), "utf8");
    assert.match(lines, /"message":"node finished".*"container_id":"a".*"returncode":0/);
  });

  it("fail with the exit code, are tried again where the file lists it, and name what to read", async () => {
    const flaky = "if [ -e /data/tried ]; then exit 0; fi; touch /data/tried; echo not yet >&2; exit 75";
    const running = run(
      workflow(
        {
          flaky: shell(flaky, {
            retry: { retryable_exit_codes: [75], initial_backoff_seconds: 0.01 },
            next_node: "broken",
          }),
          broken: shell("echo the reason >&2; exit 3"),
        },
        { start_node: "flaky" },
      ),
    );
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    const events = jsonLines(stdout);
    const failures = events.filter(({ type }) => type === "node.attempt_failed") as unknown as readonly {
      readonly node_id: string;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly details: { readonly exit_code: number };
      };
    }[];
    assert.deepEqual(
      failures.map(({ node_id, error }) => [node_id, error.code, error.details.exit_code]),
      [
        ["flaky", "CONTAINER_FAILED", 75],
        ["broken", "CONTAINER_FAILED", 3],
      ],
    );
    assert.match(failures[1]?.error.message ?? "", /the reason/);
    const shown = await suite.cli.run(["show", runId]);
    assert.match(shown.stdout, /busbar logs/);
    assert.match((await suite.cli.run(["logs", runId, "broken"])).stdout, /the reason/);
  });

  it("are ended by their timeout and by Ctrl-C, and are gone afterwards", async () => {
    const stubborn = "trap : TERM; echo up; while :; do sleep 1; done";
    const timed = run(workflow({ slow: shell(stubborn, { timeout_seconds: 1 }) }));
    const { code, stdout } = await timed.ended;
    assert.equal(code, 1);
    assert.equal(jsonLines(stdout).find(({ type }) => type === "node.attempt_failed")?.outcome, "timed_out");
    assert.deepEqual(listContainers(`busbar.run=${runId}`), []);

    // A busy engine may not have started the first one within its second.
    const before = await timesSaid("up");
    const resumed = suite.cli.start([
      "resume",
      runId,
      "--file",
      workflow({ slow: shell(stubborn, { timeout_seconds: 100 }) }),
      "--json",
    ]);
    await untilSaid("up", before + 1);
    resumed.child.kill("SIGINT");
    assert.equal((await resumed.ended).code, 130);
    assert.deepEqual(listContainers(`busbar.run=${runId}`), []);
    assert.equal((await eventsOf()).at(-1)?.type, "run.cancelled");
  });

  /** How often containers of the run have written a line, in all attempts. */
  async function timesSaid(line: string): Promise<number> {
    const { stdout } = await suite.cli.run(["logs", runId, "--attempt", "all", "--json"]);
    return jsonLines(stdout).filter(({ stream, text }) => stream === "stdout" && text === line).length;
  }

  function untilSaid(line: string, times = 1): Promise<void> {
    return until(async () => (await timesSaid(line)) >= times);
  }

  describe("after a kill of Busbar in the middle of a container", () => {
    const once =
      "echo begun >> /data/log; echo working; while [ ! -e /data/go ]; do sleep 0.1; done; echo done >> /data/log; echo finished";

    async function killedRun(): Promise<void> {
      const running = run(
        workflow({ a: shell(once, { next_node: "b" }), b: shell("echo b >> /data/log") }, { start_node: "a" }),
      );
      await untilSaid("working");
      running.child.kill("SIGKILL");
      await running.ended;
    }
    const resume = () => suite.cli.run(["resume", runId, "--json"]);

    it("resume goes on with the container that runs", async () => {
      await killedRun();
      const resumed = suite.cli.start(["resume", runId, "--json"]);
      await resumed.shows("run.resumed");
      docker(["run", "--rm", "--network=none", `--volume=${suite.data}:/data`, suite.image, "touch", "/data/go"]);
      assert.equal((await resumed.ended).code, 0);
      assert.equal(file("log"), "begun\ndone\nb\n");
      assert.deepEqual(told(await eventsOf()), [
        "node.started a",
        "node.succeeded a",
        "node.started b",
        "node.succeeded b",
      ]);
      const { stdout } = await suite.cli.run(["logs", runId, "a"]);
      assert.equal(stdout.match(/^working$/gm)?.length, 1, stdout);
      assert.match(stdout, /^[^\n]*docker create --name=busbar-/);
      assert.match(stdout, /finished/);
    });

    it("resume takes the exit code of a container that finished meanwhile", async () => {
      await killedRun();
      docker(["run", "--rm", "--network=none", `--volume=${suite.data}:/data`, suite.image, "touch", "/data/go"]);
      const [container] = listContainers(`busbar.run=${runId}`);
      docker(["wait", container?.id ?? ""]);
      assert.equal((await resume()).code, 0);
      assert.equal(file("log"), "begun\ndone\nb\n");
      assert.match((await suite.cli.run(["logs", runId, "a"])).stdout, /finished/);
    });

    it("only a vanished container is lost, and its node is run again with the same key", async () => {
      await killedRun();
      docker(["rm", "--force", ...listContainers(`busbar.run=${runId}`).map(({ id }) => id)]);
      docker(["run", "--rm", "--network=none", `--volume=${suite.data}:/data`, suite.image, "touch", "/data/go"]);
      assert.equal((await resume()).code, 0);
      assert.equal(file("log"), "begun\nbegun\ndone\nb\n");
      const events = await eventsOf();
      assert.equal(events.find(({ type }) => type === "node.attempt_failed")?.outcome, "lost");
      const keys = events
        .filter(({ type, node_id }) => type === "node.started" && node_id === "a")
        .map((one) => one.idempotency_key);
      assert.deepEqual(keys, [`${runId}/a/1`, `${runId}/a/1`]);
    });

    it("cancel stops the container that nobody watches", async () => {
      await killedRun();
      const cancelled = await suite.cli.run(["cancel", runId]);
      assert.equal(cancelled.code, 0, cancelled.stderr);
      assert.equal(file("log"), "begun\n");
    });
  });

  describe("of the same run id in two state directories", () => {
    const waits = "echo begun >> /data/log; echo up; while [ ! -e /data/go-$TURN ]; do sleep 0.1; done; exit $TURN";
    const inOther = ["--state-dir", "other"];
    const start = (turn: number, args: readonly string[] = []): Running => {
      const node = shell(waits) as { docker: object };
      const named = workflow({ a: { ...node, docker: { ...node.docker, env: { TURN: String(turn) } } } });
      return run(named, args);
    };
    const up = async (count: number): Promise<void> => {
      await until(
        () => listContainers(`busbar.run=${runId}`).filter(({ status }) => status === "running").length >= count,
      );
    };
    const go = (turn: number): string => suite.cli.write(`data/go-${turn}`, "");
    const exitCodeOf = (text: string) =>
      jsonLines(text).flatMap(({ error }) => (error as { details?: { exit_code?: number } })?.details?.exit_code ?? []);

    it("both run to their own end, also where one is killed and resumed while the other runs", {
      timeout: 90_000,
    }, async () => {
      const first = start(3);
      await up(1);
      const second = start(4, inOther);
      await up(2);
      first.child.kill("SIGKILL");
      await first.ended;
      const resumed = suite.cli.start(["resume", runId, "--json"]);
      await resumed.shows("run.resumed");
      go(4);
      const other = await second.ended;
      assert.deepEqual(exitCodeOf(other.stdout)[0], 4, other.stdout + other.stderr);
      go(3);
      const own = await resumed.ended;
      assert.deepEqual(exitCodeOf(own.stdout)[0], 3, own.stdout + own.stderr);
      assert.equal(file("log"), "begun\nbegun\n");
    });

    it("a copy of the one does not touch the container that the other waits for", { timeout: 90_000 }, async () => {
      const first = start(3);
      await up(1);
      const [container] = listContainers(`busbar.run=${runId}`);
      cpSync(join(suite.cli.folder, ".busbar"), join(suite.cli.folder, "other"), { recursive: true });
      const copy = suite.cli.start(["resume", runId, "--json", ...inOther]);
      await up(2);
      const cancelled = await suite.cli.run(["cancel", runId, ...inOther]);
      assert.equal(cancelled.code, 0, cancelled.stderr);
      await copy.ended;
      assert.deepEqual(
        listContainers(`busbar.run=${runId}`).map(({ id, status }) => [id, status]),
        [[container?.id, "running"]],
      );
      go(3);
      assert.deepEqual(exitCodeOf((await first.ended).stdout)[0], 3);
    });
  });

  it("get secrets from the environment, which show nowhere else", async () => {
    const secret = "correct-horse-battery-staple";
    const node = {
      executor: "docker",
      docker: {
        image: suite.image,
        args: ["sh", "-c", 'echo "$TOKEN"; echo "$TOKEN" >&2; echo "$TOKEN" > /data/token; exit 4'],
        volumes: [`${suite.data}:/data`],
        network: "none",
        env: { TOKEN: "Bearer ${env.E2E_TOKEN}" },
      },
    };
    const running = run(workflow({ a: node }), [], { E2E_TOKEN: secret });
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 1);
    assert.equal(file("token"), `Bearer ${secret}\n`);
    const printed = [
      stdout,
      stderr,
      (await suite.cli.run(["logs", runId])).stdout,
      (await suite.cli.run(["show", runId])).stdout,
    ];
    assert.match(printed[2] ?? "", /Bearer \*\*\*/);
    const kept = readdirSync(join(suite.cli.folder, ".busbar"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    for (const text of [...printed, ...kept]) assert.ok(!text.includes(secret));
    const unset = await suite.cli.run(["run", "w.json"], { E2E_TOKEN: "" });
    assert.notEqual(unset.code, 0);
  });

  it("are checked before anything starts: images and folders that are missing, all at once", async () => {
    const missing = {
      executor: "docker",
      docker: { image: "no-such-image:1", volumes: [`${suite.data}/none:/data`], network: "none" },
    };
    const { code, stderr } = await run(workflow({ a: missing, b: shell("true") })).ended;
    assert.equal(code, 25, stderr);
    assert.match(stderr, /IMAGE_NOT_FOUND/);
    assert.match(stderr, /MOUNT_NOT_FOUND/);
    assert.deepEqual(told(await eventsOf()), []);
    const checked = await suite.cli.run(["check", "w.json"]);
    assert.equal(checked.code, 25);
    assert.match(checked.stdout, /IMAGE_NOT_FOUND[\s\S]*MOUNT_NOT_FOUND|MOUNT_NOT_FOUND[\s\S]*IMAGE_NOT_FOUND/);
  });
});
