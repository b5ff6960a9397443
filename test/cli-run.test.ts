// `busbar run` and `busbar resume`, end to end.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { traceIdOf } from "../src/kernel/trace.ts";
import { createRpcError } from "../src/service/index.ts";
import { type Cli, chain, createCli, jsonLines } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

const doneBy = (name: string) => () => `${name} done`;
async function serveThree(): Promise<Record<string, string>> {
  const services = await Promise.all(["a", "b", "c"].map((name) => cli.serve(name, doneBy(name))));
  return Object.fromEntries(services.map(({ name, address }) => [name, address]));
}

describe("busbar run", () => {
  it("runs a file, shows one line an event on a pipe, keeps stdout empty, and exits 0", async () => {
    cli.write("p.json", chain(await serveThree()));
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--run-id", "r1"]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    const told = stderr.split("\n").map((line) => line.replace(/^\S+Z {2}/, "").replace(/ in [\d.]+ .?s/, ""));
    assert.deepEqual(told.slice(0, 8), [
      "run r1  created",
      "run r1  started",
      "a  started",
      "a  succeeded: a done",
      "b  started",
      "b  succeeded: b done",
      "c  started",
      "c  succeeded: c done",
    ]);
    assert.match(stderr, /✓ run r1 succeeded in .* \(3 succeeded\)\nNext: busbar show r1\n$/);
    assert.equal(readFileSync(join(cli.folder, ".busbar", ".gitignore"), "utf8"), "*\n");
  });

  it("prints one event a line with --json, exactly what is recorded, and the terminal event last", async () => {
    cli.write("p.json", chain(await serveThree()));
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--run-id", "r1", "--json"]);
    assert.equal(code, 0, stderr);
    const events = jsonLines(stdout);
    assert.deepEqual(events[0]?.type, "run.created");
    assert.deepEqual(events.at(-1)?.type, "run.succeeded");
    assert.equal((await cli.run(["events", "r1", "--json"])).stdout, stdout);
  });

  it("says that concurrency is for servers, and runs", async () => {
    cli.write("p.json", chain(await serveThree(), { concurrency: { max_runs: 1 } }));
    const warning = /^warning: the file's concurrency does not apply: it counts runs that a server starts/m;
    const { code, stderr } = await cli.run(["run", "p.json"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, warning);
    const logged = await cli.run(["run", "p.json", "--log-format", "json"]);
    assert.doesNotMatch(logged.stderr, /warning: /);
  });

  it("makes no run and no state directory for a file that is not valid", async () => {
    cli.write("p.json", chain({ a: "127.0.0.1:1" }, { start_node: "b" }));
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--json"]);
    assert.equal(code, 13, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^p\.json:3:17 error WORKFLOW_UNKNOWN_NODE: .*\n {2}3 \|.*\n {4}\| +\^/m);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });

  it("warns of a valid file that is odd, where stderr is for people, and runs it", async () => {
    const addresses = await serveThree();
    const { a = "", b = "" } = addresses;
    cli.write("p.json", chain({ a, "a\u200b": b }));
    const shown = await cli.run(["run", "p.json"]);
    assert.equal(shown.code, 0, shown.stderr);
    const warning =
      /^p\.json:6:5 warning WORKFLOW_LOOKALIKE_NAME: two services have names that look the same: "a" and "a\\u200b"$/m;
    assert.match(shown.stderr, warning);
    const logged = await cli.run(["run", "p.json", "--log-format", "json"]);
    assert.equal(logged.code, 0);
    for (const line of logged.stderr.split("\n").filter((one) => one !== "")) JSON.parse(line);
    const validated = await cli.run(["validate", "p.json"]);
    assert.equal(validated.code, 0);
    assert.match(validated.stdout, warning);
    const { valid, diagnostics } = JSON.parse((await cli.run(["validate", "p.json", "--json"])).stdout);
    assert.deepEqual([valid, diagnostics.length, diagnostics[0].severity], [true, 2, "warning"]);
  });

  it("passes params on as they are, line breaks too, and shows them escaped", async () => {
    const given: string[] = [];
    const { address } = await cli.serve("a", ({ inputFile }) => {
      given.push(inputFile);
      return "done";
    });
    const node = { input_file: "${params.text}", output_file: "out" };
    cli.write("p.json", {
      workflow_name: "w",
      params: { text: {}, n: { type: "integer" } },
      service_registry: { a: `ipv4:${address}` },
      containers: { a: node },
    });
    const text = "one\n\ttwo\u0007 \u202e";
    const { code, stderr } = await cli.run([
      "run",
      "p.json",
      "--param",
      `text=${text}`,
      "--param",
      "n=7",
      "--run-id",
      "r1",
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(given, [text]);
    const shown = (await cli.run(["show", "r1"])).stdout;
    assert.match(shown, /text=one\\n\\ttwo\\x07 \\u202e/);
    const refused = await cli.run(["run", "p.json", "--param", `text=${text}`, "--param", "n=007"]);
    assert.equal(refused.code, 14);
    assert.match(
      refused.stderr,
      /^p\.json:\d+:\d+ error PARAM_INVALID: the param "n" is written as "007", which would become 7/m,
    );
  });

  it("checks params: repeated, unknown, missing and badly typed ones, all at once, exit 14", async () => {
    cli.write("p.json", {
      ...chain({ a: "127.0.0.1:1" }),
      params: { n: { type: "integer" }, must: {} },
    });
    const { code, stderr } = await cli.run(["run", "p.json", "--param", "n=x", "--param", "n=y", "--param", "m=1"]);
    assert.equal(code, 14, stderr);
    for (const word of ["PARAM_REPEATED", "PARAM_UNKNOWN", "PARAM_MISSING", "PARAM_INVALID"]) {
      assert.ok(stderr.includes(word), `${word}\n${stderr}`);
    }
    assert.equal((await cli.run(["run", "p.json", "--param", "n"])).code, 2);
  });

  it("ends with 20 before any node is called where nothing listens, naming every service", async () => {
    const gone = await cli.serve("gone", doneBy("gone"));
    await gone.close(0);
    cli.write("p.json", chain({ a: gone.address, b: gone.address }));
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--json"]);
    assert.equal(code, 20, stderr);
    const types = jsonLines(stdout).map(({ type }) => type);
    assert.deepEqual(types, ["run.created", "run.checked", "run.failed"]);
    assert.match(stderr, /SERVICE_UNREACHABLE: a at .*\n {2}→ Start the service/);
    assert.match(stderr, /SERVICE_UNREACHABLE: b at /);
  });

  it("refuses a run id that exists or is none with 2", async () => {
    cli.write("p.json", chain(await serveThree()));
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    const again = await cli.run(["run", "p.json", "--run-id", "r1"]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /^RUN_EXISTS: /m);
    assert.equal((await cli.run(["run", "p.json", "--run-id", "-r1"])).code, 2);
    assert.equal(JSON.parse((await cli.run(["runs", "--json"])).stdout).length, 1);
  });

  it("exits 20 before any node where no engine runs containers, and says what to do", async () => {
    cli.write("d.json", {
      workflow_name: "d",
      containers: [{ id: "x", command: `docker run -v ${cli.folder}:/data x`, depends_on: [] }],
    });
    const empty = join(cli.folder, "empty");
    mkdirSync(empty);
    const nowhere = `unix://${join(cli.folder, "no.sock")}`;
    // Without the client, and, where there is one, without an engine behind it.
    const cases = [
      { env: { PATH: empty }, code: "ENGINE_NOT_FOUND", remedy: "Install Docker or Podman" },
      { env: { DOCKER_HOST: nowhere }, code: "ENGINE_(NOT_FOUND|UNREACHABLE)", remedy: "Install|Start it" },
    ];
    for (const { env, code, remedy } of cases) {
      const run = await cli.run(["run", "d.json", "--json"], env);
      assert.equal(run.code, 20, run.stderr);
      assert.match(run.stderr, new RegExp(`^${code}: [^\\n]*x`, "m"));
      assert.match(run.stderr, new RegExp(remedy));
      assert.deepEqual(
        jsonLines(run.stdout).map(({ type }) => type),
        ["run.created", "run.checked", "run.failed"],
      );
      const checked = await cli.run(["check", "d.json"], env);
      assert.equal(checked.code, 20, checked.stderr);
    }
  });

  it("masks a secret of the environment wherever it comes back", async () => {
    const secret = "s3cret-t0ken-value";
    const leaky = await cli.serve("a", () => {
      throw new Error(`no access with ${secret}`);
    });
    cli.write(
      "p.json",
      chain(
        { a: leaky.address },
        {
          service_registry: { a: { address: leaky.address, metadata: { authorization: "Bearer ${env.TOKEN}" } } },
        },
      ),
    );
    const env = { TOKEN: secret };
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--json", "--run-id", "r1"], env);
    assert.equal(code, 1);
    const shown = (await cli.run(["show", "r1"])).stdout;
    const log = readFileSync(join(cli.folder, ".busbar", "logs", "orchestrator.log"), "utf8");
    for (const text of [stdout, stderr, shown, log]) {
      assert.ok(!text.includes(secret), text);
      assert.ok(text.includes("no access with ***"), text);
    }
    const missing = await cli.run(["run", "p.json"]);
    assert.equal(missing.code, 26, missing.stderr);
    assert.match(missing.stderr, /TOKEN/);
  });

  it("writes events that programs can read, whatever word a secret is equal to", async () => {
    for (const word of ["succeeded", "run.failed", "CALL_INTERNAL", "failed", "run_id", "duration_ms", "attempt"]) {
      const service = await cli.serve("a", () => {
        throw createRpcError("INTERNAL", `never tell ${word}`);
      });
      const metadata = { key: "${env.KEY}" };
      cli.write(
        "p.json",
        chain({ a: service.address }, { service_registry: { a: { address: service.address, metadata } } }),
      );
      const { code, stdout } = await cli.run(["run", "p.json", "--json"], { KEY: word });
      assert.equal(code, 1);
      const events = jsonLines(stdout);
      const failed = events.find(({ type }) => type === "node.attempt_failed");
      assert.equal(failed?.outcome, "failed");
      const { code: errorCode, message } = failed.error as { readonly code: string; readonly message: string };
      assert.equal(errorCode, "CALL_INTERNAL");
      assert.match(message, /never tell \*\*\*/);
      const last = events.at(-1);
      assert.deepEqual([last?.type, typeof last?.run_id, typeof last?.duration_ms], ["run.failed", "string", "number"]);
    }
  });

  it("masks single lines of a secret of several, and leaves what the file says anyway", async () => {
    const line = "MIIEpAIBAAKCAQEAxyz";
    const leaky = await cli.serve("a", () => {
      throw new Error(`of -----BEGIN KEY----- for db.internal:\n  ${line}\nwas refused: ${JSON.stringify({ line })}`);
    });
    const service = { address: leaky.address, metadata: { key: "${env.KEY}" } };
    cli.write("p.json", chain({ a: leaky.address }, { service_registry: { a: service }, "x-host": "db.internal" }));
    const KEY = ["-----BEGIN KEY-----", `${line}  `, "db.internal", "-----END KEY-----", ""].join("\\n");
    const { code, stdout, stderr } = await cli.run(["run", "p.json", "--json"], { KEY });
    assert.equal(code, 1, stderr);
    for (const text of [stdout, stderr]) {
      assert.ok(!text.includes(line), text);
      assert.ok(text.includes("-----BEGIN KEY----- for db.internal:"), text);
    }
  });

  it("writes the log to LOG_DIR, and the same lines to stderr with --log-format json", async () => {
    cli.write("p.json", chain(await serveThree()));
    const args = ["run", "p.json", "--run-id", "r1", "--log-format", "json"];
    const { code, stdout, stderr } = await cli.run(args, { LOG_DIR: "logs", NODE_NAME: "node-7" });
    assert.equal(code, 0);
    assert.equal(stdout, "");
    const log = readFileSync(join(cli.folder, "logs", "orchestrator.log"), "utf8");
    assert.equal(stderr, log);
    const lines = log
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const finished = lines.find((line) => line.container_id === "b" && line.status === "success");
    assert.deepEqual(
      { ...finished, timestamp: undefined, duration_ms: undefined },
      {
        timestamp: undefined,
        level: "INFO",
        message: "node finished",
        service: "orchestrator",
        node: "node-7",
        container_id: "b",
        status: "success",
        duration_ms: undefined,
        trace_id: traceIdOf("r1"),
      },
    );
    assert.deepEqual(readdirSync(join(cli.folder, ".busbar")).includes("logs"), false);
  });

  it("goes on without a log that cannot be written", async () => {
    cli.write("p.json", chain(await serveThree()));
    const { code, stderr } = await cli.run(["run", "p.json"], { LOG_DIR: "p.json" });
    assert.equal(code, 0);
    assert.match(stderr, /the log file in .*p\.json cannot be written: [^;:]*; going on without it$/m);
    assert.doesNotMatch(stderr, /Error: /);
  });
});

describe("busbar resume", () => {
  it("continues a failed run with what failed, says what starts again, and then refuses with 2", async () => {
    let broken = true;
    let calls = 0;
    const a = await cli.serve("a", () => {
      calls += 1;
      return "fine";
    });
    const b = await cli.serve("b", () => {
      if (broken) throw new Error("disk on fire!");
      return "fine";
    });
    cli.write("p.json", chain({ a: a.address, b: b.address, c: a.address }));
    const first = await cli.run(["run", "p.json", "--run-id", "r1", "--state-dir", "my state"]);
    assert.equal(first.code, 1);
    // Once when it happens; from then on its code says which failure is meant.
    assert.match(first.stderr, / b {2}attempt 1 failed after .*: NODE_REPORTED_FAILURE b at .*: disk on fire!\n/);
    assert.equal(first.stderr.split("disk on fire").length - 1, 1, first.stderr);
    assert.match(first.stderr, / run r1 {2}failed after .*: RUN_NODE_FAILED b failed: NODE_REPORTED_FAILURE\n/);
    assert.match(first.stderr, /^b failed: NODE_REPORTED_FAILURE\n {2}→ Read the service's message/m);
    assert.match(first.stderr, /^Next: busbar resume r1 --state-dir 'my state', or look/m);
    broken = false;
    const second = await cli.run(["resume", "r1", "--json", "--state-dir", "my state"]);
    assert.equal(second.code, 0, second.stderr);
    const events = jsonLines(second.stdout);
    assert.deepEqual(
      { ...events[0], by: 0, at: 0, definition_hash: 0 },
      {
        type: "run.resumed",
        from: "failed",
        by: 0,
        reset: ["b", "c"],
        definition_hash: 0,
        seq: events[0]?.seq,
        at: 0,
        run_id: "r1",
        epoch: 2,
      },
    );
    assert.equal(events.at(-1)?.type, "run.succeeded");
    assert.equal(calls, 2);
    const third = await cli.run(["resume", "r1", "--state-dir", "my state"]);
    assert.equal(third.code, 2);
    assert.match(third.stderr, /^RUN_ALREADY_SUCCEEDED: /m);
  });

  it("uses the recorded text, says that the file has changed, and takes it with --file", async () => {
    const gone = await cli.serve("gone", doneBy("gone"));
    await gone.close(0);
    const a = await cli.serve("a", doneBy("a"));
    const options = { defaults: { retry: { max_attempts: 1 } } };
    cli.write("p.json", chain({ a: a.address, b: gone.address }, options));
    const first = await cli.run(["run", "p.json", "--run-id", "r1", "--no-preflight"]);
    assert.equal(first.code, 1, first.stderr);
    const file = cli.write("p.json", chain({ a: a.address, b: a.address }, options));
    const same = await cli.run(["resume", "r1", "--no-preflight"]);
    assert.equal(same.code, 1);
    assert.ok(same.stderr.includes(`${file} has changed since this run was created`), same.stderr);
    assert.ok(same.stderr.includes(`busbar resume r1 --file ${file}`), same.stderr);
    const changed = chain({ a: a.address, b: a.address }, options) as { containers: { a: { input_file: string } } };
    changed.containers.a.input_file = "other.in";
    cli.write("q.json", changed);
    const refused = await cli.run(["resume", "r1", "--file", "q.json"]);
    assert.equal(refused.code, 18, refused.stderr);
    const mended = await cli.run(["resume", "r1", "--file", "p.json"]);
    assert.equal(mended.code, 0, mended.stderr);
  });

  it("makes no state directory to look for a run in", async () => {
    const { code, stderr } = await cli.run(["resume", "r1"]);
    assert.equal(code, 2);
    assert.match(stderr, /^RUN_NOT_FOUND: /m);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });
});
