// The commands that look and that need no run, end to end.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { COMMAND_TABLE } from "../src/cli/command-table.ts";
import { startGrpcPeer } from "../src/testing/peers/grpc.ts";
import { findRefusedAddress } from "../src/testing/peers/peer.ts";
import { startSilentPeer } from "../src/testing/peers/tcp.ts";
import { type Cli, chain, createCli, jsonLines, nobodyDrives } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

async function runTwo(): Promise<void> {
  const a = await cli.serve("a", () => "fine");
  const b = await cli.serve("b", ({ inputFile }) => {
    throw new Error(`cannot read ${inputFile}`);
  });
  cli.write("good.json", chain({ a: a.address }));
  cli.write("bad.json", chain({ a: a.address, b: b.address, c: a.address }));
  assert.equal((await cli.run(["run", "good.json", "--run-id", "good"])).code, 0);
  assert.equal((await cli.run(["run", "bad.json", "--run-id", "bad"])).code, 1);
}

describe("runs, show and events", () => {
  it("tell what happened, to people and to programs", async () => {
    await runTwo();
    const list = JSON.parse((await cli.run(["runs", "--json"])).stdout);
    assert.deepEqual(
      list.map((run: { run_id: string; status: string }) => [run.run_id, run.status]),
      [
        ["bad", "failed"],
        ["good", "succeeded"],
      ],
    );
    const failed = (await cli.run(["runs", "--status", "failed"])).stdout.split("\n");
    assert.match(failed[0] ?? "", /^run +workflow +status +nodes +created +took/);
    assert.match(failed[1] ?? "", /^bad +chain +failed +1\/3 /);
    assert.equal(failed[2], "");

    const shown = (await cli.run(["show", "bad"])).stdout;
    assert.match(shown, /^status {4}failed$/m);
    assert.match(shown, /^why {7}b failed: NODE_REPORTED_FAILURE$/m);
    const explained = (await cli.run(["explain", "bad"])).stdout;
    assert.match(
      explained,
      /^run bad has failed: b failed: NODE_REPORTED_FAILURE\n\nb failed: NODE_REPORTED_FAILURE: .*cannot read b\.in\n[\s\S]*\nNext: busbar resume bad\n$/,
    );
    assert.equal((await cli.run(["explain", "good"])).stdout, "run good has succeeded\n");
    assert.match(shown, /^✓ {2}a {5}succeeded +1 .*fine$/m);
    assert.match(shown, /^✗ {2}b {5}failed +1 .*NODE_REPORTED_FAILURE$/m);
    assert.match(shown, /^– {2}c {5}skipped .*b did not succeed$|the run stopped$/m);
    assert.match(shown, /attempt 1 failed after .*\n {2}NODE_REPORTED_FAILURE: .*cannot read b\.in/);
    assert.match(shown, /\nNext: busbar resume bad\n$/);
    const view = JSON.parse((await cli.run(["show", "bad", "--json"])).stdout);
    assert.equal(view.nodes[1].attempts[0].outcome, "failed");

    const events = jsonLines((await cli.run(["events", "bad", "--json"])).stdout);
    assert.equal(events[0]?.type, "run.created");
    assert.equal(events.at(-1)?.type, "run.failed");
    const late = jsonLines((await cli.run(["events", "bad", "--json", "--after", "2"])).stdout);
    assert.deepEqual(late, events.slice(2));
    const followed = await cli.run(["events", "good", "--follow"]);
    assert.match(followed.stdout, /run good {2}succeeded in .*\n$/);
  });

  it("tell what a run waits for before its first node starts, also after a resume", async () => {
    const address = await findRefusedAddress();
    cli.write("waits.json", { ...chain({ a: address }), params: { word: { default: "two words" } } });
    const begin = [
      ["run", "waits.json", "--run-id", "w"],
      ["resume", "w"],
    ];
    for (const args of begin) {
      assert.equal((await cli.run([...args, "--wait-for-services", "60", "--detach"])).code, 0);
      const shown = (await cli.run(["show", "w", "--state-dir", ".busbar"])).stdout;
      const file = join(cli.folder, "waits.json");
      const isResumed = args[0] === "resume";
      const why = `${isResumed ? "ends what an earlier owner left, or " : ""}waits for a at ${address} (preflight)`;
      const look = `look with busbar check ${file} --param 'word=two words'`;
      assert.ok(shown.includes(`\nwhy       ${why}; ${look}\n`), shown);
      const { reason } = JSON.parse((await cli.run(["explain", "w", "--json"])).stdout);
      const kind = isResumed ? "preparing" : "preflight";
      assert.deepEqual(reason, { kind, services: [{ name: "a", address }], nodes: [] });
      assert.equal((await cli.run(["cancel", "w"])).code, 0);
      const ended = JSON.parse((await cli.run(["show", "w", "--json"])).stdout);
      assert.equal(ended.explanation.cause.kind, "cancel");
      assert.match((await cli.run(["explain", "w"])).stdout, /^run w was cancelled by \S+\n\nNext: busbar resume w\n$/);
    }
    await nobodyDrives(cli);
  });

  it("cut nothing off where what reads is no terminal", async () => {
    const [first, second] = ["first", "second"].map((word) => `${word} ${"of a long name ".repeat(6)}end`);
    const a = await cli.serve("a", () => "well ".repeat(40));
    const begun = Promise.withResolvers<void>();
    const b = await cli.serve("b", (_, { signal }) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
    });
    const made = chain({ [first ?? ""]: a.address, [second ?? ""]: b.address, third: a.address });
    cli.write("w.json", made);
    assert.equal((await cli.run(["run", "w.json", "--run-id", "w", "--detach"])).code, 0);
    await begun.promise;
    const shown = (await cli.run(["show", "w"])).stdout;
    assert.match(shown, new RegExp(`${first} +succeeded .*${"well ".repeat(39)}well$`, "m"));
    const explained = (await cli.run(["explain", "w"])).stdout;
    assert.match(explained, new RegExp(`^third +pending +waits for ${second}$`, "m"));
    assert.equal((await cli.run(["cancel", "w"])).code, 0);
    await nobodyDrives(cli);
  });

  it("make nothing where nothing is", async () => {
    const none = `no runs in ${join(cli.folder, ".busbar")}\n`;
    assert.deepEqual(await cli.run(["runs"]), { code: 0, stdout: "", stderr: none });
    assert.equal((await cli.run(["runs", "--status", "failed"])).stderr, "no such runs\n");
    assert.equal((await cli.run(["runs", "--json"])).stdout, "[]\n");
    for (const args of [
      ["show", "r1"],
      ["events", "r1"],
      ["cancel", "r1"],
    ]) {
      const { code, stderr } = await cli.run(args);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.startsWith(`RUN_NOT_FOUND: there is no run r1 in ${join(cli.folder, ".busbar")}\n`), stderr);
    }
    assert.equal((await cli.run(["doctor"])).code, 0);
    assert.deepEqual(readdirSync(cli.folder), []);
  });

  it("end quietly when the reader goes away", async () => {
    const ids = Array.from({ length: 400 }, (_, index) => `node-${index}`);
    const { address } = await cli.serve("a", () => "fine ".repeat(200));
    cli.write("p.json", chain(Object.fromEntries(ids.map((id) => [id, address]))));
    assert.equal((await cli.run(["run", "p.json", "--run-id", "r1"])).code, 0);
    const reading = cli.start(["events", "r1", "--json"]);
    await reading.shows("run.created");
    reading.child.stdout.destroy();
    const { code, stderr } = await reading.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("take the state directory from the option, then from the environment", async () => {
    const { address } = await cli.serve("a", () => "fine");
    cli.write("p.json", chain({ a: address }));
    const env = { BUSBAR_STATE_DIR: "from-env" };
    await cli.run(["run", "p.json", "--run-id", "r1"], env);
    await cli.run(["run", "p.json", "--run-id", "r2", "--state-dir", "from-option"], env);
    const ids = async (args: readonly string[], more = {}) =>
      JSON.parse((await cli.run(["runs", "--json", ...args], more)).stdout).map(
        (run: { run_id: string }) => run.run_id,
      );
    assert.deepEqual(await ids([], env), ["r1"]);
    assert.deepEqual(await ids(["--state-dir", "from-option"], env), ["r2"]);
    assert.deepEqual(await ids([]), []);
  });
});

describe("busbar validate", () => {
  it("prints place, source line, mark, suggestion and remedy, or JSON", async () => {
    const text = chain({ a: "localhost:1", b: "localhost:2" }) as { containers: { a: { next_node: string } } };
    text.containers.a.next_node = "c";
    cli.write("p.json", text);
    const { code, stdout } = await cli.run(["validate", "p.json"]);
    assert.equal(code, 13);
    assert.match(
      stdout,
      /^p\.json:\d+:\d+ error WORKFLOW_UNKNOWN_NODE: .*\n {2}\d+ \| +"next_node": "c".*\n +\| +\^+\n {2}→ /,
    );
    const json = JSON.parse((await cli.run(["validate", "p.json", "--json"])).stdout);
    assert.equal(json.valid, false);
    assert.equal(json.diagnostics[0].code, "WORKFLOW_UNKNOWN_NODE");
    assert.equal((await cli.run(["validate", "nothing.json"])).code, 10);
    assert.equal((await cli.run(["validate", "p.txt"])).code, 2);
  });

  it("refuses with --param what a run with them is refused for, and both say where it stands in the file", async () => {
    const metadata = { Authorization: "Bearer ${env.TOKEN}" };
    const text = chain({ a: "localhost:1", b: "localhost:1" }) as {
      service_registry: Record<string, unknown>;
      containers: { a: object };
    };
    text.service_registry.a = { address: "${params.addr}", metadata };
    text.containers.a = { ...text.containers.a, input_file: "${params.input}" };
    cli.write("w.json", { ...text, params: { addr: {}, input: { default: "in" } } });
    const place = String.raw`^w\.json:\d+:\d+ error `;
    for (const [code, says, ...pairs] of [
      [12, `${place}WORKFLOW_INVALID_VALUE: the address "nonsense" has no port`, "addr=nonsense"],
      [17, `${place}WORKFLOW_SECRET_PLAINTEXT: metadata "Authorization" of "a"`, "addr=example.org:1"],
      [12, `${place}WORKFLOW_INVALID_VALUE: input_file is empty once`, "addr=localhost:1", "input="],
    ] as const) {
      const params = pairs.flatMap((pair) => ["--param", pair]);
      for (const command of ["validate", "check", "run"]) {
        const { code: ended, stdout, stderr } = await cli.run([command, "w.json", ...params]);
        assert.match(command === "validate" ? stdout : stderr, new RegExp(says), command);
        assert.equal(ended, code, command);
      }
    }
    assert.equal((await cli.run(["validate", "w.json", "--param", "addr=localhost:1"])).code, 0);
    // Without any, parameters are not checked.
    assert.equal((await cli.run(["validate", "w.json"])).code, 0);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });
});

describe("busbar init, graph, check and dummy-server", () => {
  it("make a workflow that is valid and runs, and never overwrite one", async () => {
    const first = await cli.run(["init"], { npm_command: "exec" });
    assert.deepEqual(
      [first.code, first.stderr],
      [0, "Next: npx busbar validate workflow.yaml, then npx busbar dummy-server & and npx busbar run workflow.yaml\n"],
    );
    assert.equal((await cli.run(["validate", "workflow.yaml"])).code, 0);
    const before = readFileSync(join(cli.folder, "workflow.yaml"), "utf8");
    const dummy = cli.start(["dummy-server", "--port", "0"]);
    await dummy.shows("READY dummy ");
    dummy.child.stdout.pause();
    const { address } = await cli.serve("other", () => "fine");
    const used = before.replaceAll("localhost:50051", address);
    assert.notEqual(used, before);
    writeFileSync(join(cli.folder, "workflow.yaml"), used);
    const again = await cli.run(["init"]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already; nothing was written/);
    assert.equal(readFileSync(join(cli.folder, "workflow.yaml"), "utf8"), used);
    const checked = await cli.run(["check", "workflow.yaml"]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, /ready: extract, report\n$/);
    assert.equal((await cli.run(["run", "workflow.yaml"])).code, 0);
    dummy.child.kill("SIGTERM");
    if (process.platform !== "win32") assert.equal((await dummy.ended).code, 0);
  });

  it("write where they are told, make what is missing, and say what lies in the way", async () => {
    writeFileSync(join(cli.folder, "afile"), "mine");
    writeFileSync(join(cli.folder, "mine.yaml"), "mine");
    mkdirSync(join(cli.folder, "folder.yaml"));
    const written = {
      ".": "workflow.yaml",
      sub: "sub/workflow.yaml",
      "new/deep/": "new/deep/workflow.yaml",
      "folder.yaml": "folder.yaml/workflow.yaml",
      "nightly.yaml": "nightly.yaml",
      "other/Nightly.YML": "other/Nightly.YML",
      "v1.2": "v1.2/workflow.yaml",
    };
    for (const [given, file] of Object.entries(written)) {
      const { code, stdout, stderr } = await cli.run(["init", given]);
      assert.deepEqual([code, stdout], [0, `${join(cli.folder, file)}\n`], stderr);
      assert.match(stderr, /^Next: busbar validate /);
      const [first = "", ...rest] = readFileSync(join(cli.folder, file), "utf8").split("\n");
      const [, schema = ""] = /^# yaml-language-server: \$schema=(\S+)$/.exec(first) ?? [];
      const beside = join(cli.folder, file, "..", schema);
      assert.equal(readFileSync(beside, "utf8"), (await cli.run(["schema"])).stdout);
      assert.ok(
        rest.includes(`#   busbar run ${basename(file)}             run it; every step is recorded in .busbar/`),
      );
      assert.equal((await cli.run(["validate", file])).code, 0);
    }
    const refused = {
      afile: /afile is a file, not a directory/,
      "afile/": /afile.* is a file, not a directory/,
      "afile/deep": /afile.* is a file, not a directory/,
      "afile/new.yaml": /afile is a file, not a directory/,
      "mine.yaml": /mine\.yaml is there already; nothing was written/,
      sub: /workflow\.yaml is there already; nothing was written/,
      "flow.json": /comments, which JSON has not/,
    };
    for (const [given, says] of Object.entries(refused)) {
      const { code, stdout, stderr } = await cli.run(["init", given]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, says);
      assert.equal(stderr.split("\n").length, 2, stderr);
      assert.doesNotMatch(stderr, /E[A-Z]{4,}|Error: /);
    }
    writeFileSync(join(cli.folder, "workflow.schema.json"), "mine");
    assert.equal((await cli.run(["init", "third.yaml"])).code, 0);
    for (const name of ["afile", "mine.yaml", "workflow.schema.json"])
      assert.equal(readFileSync(join(cli.folder, name), "utf8"), "mine");
  });

  it("say in one line, and what to do in a second, why no service can be there", async () => {
    const { port } = await cli.serve("other", () => "fine");
    for (const [args, reason] of [
      [
        ["--port", String(port)],
        /dummy cannot listen on 127\.0\.0\.1:\d+: something else listens there \(EADDRINUSE\)/,
      ],
      [["--host", "192.0.2.1"], /dummy cannot listen on 192\.0\.2\.1:50051: this machine has no such address/],
      [["--host", "nowhere.invalid"], /dummy cannot listen on nowhere\.invalid:50051: no address is known/],
      [["--host", "localhost:50051"], /--host must be a host name or an IP address, without a port/],
      [["--host", ""], /--host /],
      [["--port", "65536"], /--port /],
    ] as const) {
      const { code, stdout, stderr } = await cli.run(["dummy-server", ...args]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, reason);
      assert.doesNotMatch(stderr, /^\s+at |No address added/m);
      assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
    }
  });

  it("draw the graph in three languages", async () => {
    await cli.run(["init", "sub"]);
    const file = join("sub", "workflow.yaml");
    assert.match((await cli.run(["graph", file])).stdout, /report +<- extract/);
    assert.match((await cli.run(["graph", file, "--format", "mermaid"])).stdout, /^(flowchart|graph) /m);
    assert.match((await cli.run(["graph", file, "--format", "dot"])).stdout, /^digraph /);
    assert.equal((await cli.run(["graph", file, "--format", "svg"])).code, 2);
  });

  it("find everything that is wrong with the services at once", async () => {
    const good = await cli.serve("a", () => "fine");
    const gone = await cli.serve("b", () => "fine");
    await gone.close(0);
    cli.write("p.json", chain({ a: good.address, b: gone.address, c: gone.address }));
    const { code, stdout } = await cli.run(["check", "p.json"]);
    assert.equal(code, 20);
    assert.match(stdout, /SERVICE_UNREACHABLE: b at[\s\S]*SERVICE_UNREACHABLE: c at/);
    const json = JSON.parse((await cli.run(["check", "p.json", "--json"])).stdout);
    assert.deepEqual([json.ready, json.findings.length], [false, 2]);
    assert.ok(!existsSync(join(cli.folder, ".busbar")));
  });

  it("end once they have said so, also where a peer goes on saying nothing", { timeout: 60_000 }, async () => {
    await using silent = await startSilentPeer();
    const service = (value: unknown): object => chain({ a: "" }, { service_registry: { a: value } });
    cli.write("tls.json", service({ address: silent.address, tls: {} }));
    const inTime = ["--preflight-timeout", "0.2"];
    const tls = await cli.run(["check", "tls.json", ...inTime]);
    assert.equal(tls.code, 27, tls.stdout);
    assert.match(tls.stdout, /SERVICE_SILENT: a at \S+ did not answer .* but the TLS handshake is not answered/);
    cli.write("proxy.json", service("far.test:1"));
    const proxy = await cli.run(["check", "proxy.json", ...inTime], { https_proxy: `http://${silent.address}` });
    assert.equal(proxy.code, 20, proxy.stdout);
    assert.match(
      proxy.stdout,
      /SERVICE_PROXY: a at far\.test:1 cannot be reached: the proxy \S+ did not answer in time/,
    );
  });

  it("say for what they wait, once, while they wait", async () => {
    cli.write("p.json", chain({ a: await findRefusedAddress() }));
    for (const args of [
      ["check", "p.json"],
      ["run", "p.json"],
    ]) {
      const { code, stderr } = await cli.run([...args, "--wait-for-services", "1"]);
      assert.equal(code, 20);
      assert.equal(stderr.match(/^waiting: a at \S+ cannot be reached: connection refused/gm)?.length, 1, stderr);
    }
  });

  it("say of which services the contract could not be looked at", async () => {
    await using plain = await startGrpcPeer({ health: () => 1 });
    cli.write("p.json", chain({ a: plain.address }));
    const { code, stdout } = await cli.run(["check", "p.json"]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /SERVICE_NO_REFLECTION: a at \S+ is up; contract not checked: no reflection/);
    assert.match(stdout, /ready: a\n$/);
    const run = await cli.run(["run", "p.json", "--json"]);
    assert.doesNotMatch(run.stdout, /run\.checked/);
  });
});

describe("busbar doctor", () => {
  it("finds nothing after ordinary runs, and a damaged journal with 31", async () => {
    await runTwo();
    const healthy = await cli.run(["doctor"]);
    assert.equal(healthy.code, 0, healthy.stdout);
    assert.match(healthy.stdout, /✓ 2 of 2 recorded runs keep every history rule/);
    const path = join(cli.folder, ".busbar", "journal.db");
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"node.succeeded"');
    assert.ok(at > 0);
    bytes[at + 1] = "N".charCodeAt(0);
    writeFileSync(path, bytes);
    const damaged = await cli.run(["doctor", "--json"]);
    assert.equal(damaged.code, 31, damaged.stdout);
    const { ok, checks } = JSON.parse(damaged.stdout);
    assert.equal(ok, false);
    const wrong = checks.find((check: { ok: boolean }) => !check.ok);
    assert.match(wrong.message, /^JOURNAL_DAMAGED: /);
    writeFileSync(path, "no journal at all");
    const unreadable = await cli.run(["doctor"]);
    assert.equal(unreadable.code, 31, unreadable.stderr);
    assert.match(unreadable.stdout, /✓ Node\.js.*\n(.*\n)+✗ JOURNAL_DAMAGED: /);
  });
});

describe("a locale without UTF-8", () => {
  it("gets marks in ASCII, and data as it is", async () => {
    await runTwo();
    cli.write("bad.yaml", `workflow_name: t\ncontainers: { a: { command: "${"x".repeat(200)}" } }\n`);
    const env = { LC_ALL: "C" };
    const forPeople: readonly (readonly string[])[] = [
      ["runs"],
      ["show", "bad"],
      ["events", "bad"],
      ["logs", "bad", "a"],
      ["doctor"],
      ["validate", "bad.yaml"],
      ["validate", "good.json"],
      ["check", "good.json"],
      ["resume", "bad"],
      ["run", "good.json"],
      ["nonsense"],
      ["--help"],
      ...COMMAND_TABLE.map(({ name }) => [name, "--help"]),
    ];
    for (const args of forPeople) {
      const { stdout, stderr } = await cli.run(args, env);
      assert.match(stdout + stderr, /^\p{ASCII}+$/u, args.join(" "));
    }
    assert.match(
      (await cli.run(["show", "bad"], env)).stdout,
      /^x {2}b .*\n[\s\S]*\n {2}-> Read the service's message/m,
    );
    for (const args of [
      ["schema"],
      ["show", "bad", "--json"],
      ["validate", "bad.yaml", "--json"],
      ["graph", "good.json"],
    ]) {
      assert.equal((await cli.run(args, env)).stdout, (await cli.run(args)).stdout, args.join(" "));
    }
    assert.match((await cli.run(["schema"], env)).stdout, /…/);
  });
});

describe("the command line", () => {
  it("prints the schema that is committed", async () => {
    const committed = JSON.parse(readFileSync(new URL("../schema/workflow.schema.json", import.meta.url), "utf8"));
    assert.deepEqual(JSON.parse((await cli.run(["schema"])).stdout), committed);
  });

  it("prints the contract of services, byte for byte", async () => {
    const { code, stdout } = await cli.run(["proto"]);
    assert.equal(code, 0);
    assert.equal(stdout, readFileSync(new URL("../proto/energy_pipeline.proto", import.meta.url), "utf8"));
  });

  it("answers wrong usage with 2 and what was probably meant", async () => {
    const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
      [["rnu"], /there is no command "rnu"\. Did you mean `busbar run`\?/],
      [["run"], /FILE is missing/],
      [["run", "a.json", "b.json"], /"b\.json" is one argument too many/],
      [["run", "a.json", "--parm", "x=1"], /no option --parm\. Did you mean --param\?/],
      [["run", "a.json", "--run-id"], /--run-id needs a value: --run-id ID/],
      [["run", "a.json", "--json=yes"], /--json takes no value/],
      [["run", "a.json", "--preflight-timeout", "soon"], /--preflight-timeout is a number of seconds/],
      [["runs", "--status", "fail"], /is one of pending, running.*Did you mean failed\?/],
      [["--json", "run"], /--json stands before a command\. See/],
      [["validate", "--policy", "p", "a.json", "-json"], /busbar validate has no option -json\. Did you mean --json\?/],
      [["validate", "-polcy=p.json", "a.json"], /no option -polcy\. Did you mean --policy\?/],
      [["validate", "-xyz", "a.json"], /no option -x\. See/],
      [["-v"], /-v stands before a command\. Did you mean `busbar --version`\?/],
      [["version"], /there is no command "version"\. Did you mean `busbar --version`\?/],
      [["validate", "--version"], /no option --version\. Did you mean `busbar --version`\?/],
      [
        ["cancel", "r1", "--reason", "-x y"],
        /needs a value: --reason TEXT; one that begins with - .* --reason='-x y'\./,
      ],
      [["cancel", "r1", "--reason", "--no-wait"], /needs a value: --reason TEXT\. See/],
    ];
    cli.write("a.json", chain({ a: "127.0.0.1:1" }));
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await cli.run(args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, message);
    }
  });

  it("teaches with --help, on stdout", async () => {
    for (const args of [["--help"], ["help"], ["help", "run"], ["run", "--help"], ["run", "-h"]]) {
      const { code, stdout, stderr } = await cli.run(args);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /Exit codes:/);
    }
    assert.match((await cli.run([])).stderr, /^Busbar runs pipelines/);
    // The first file finds the group of every command.
    const helps = await Promise.all(COMMAND_TABLE.map(({ name }) => cli.run(["help", name])));
    assert.deepEqual(
      helps.map(({ stdout }) => /^Usage: busbar (\S+)/.exec(stdout)?.[1]),
      COMMAND_TABLE.map(({ name }) => name),
    );
  });
});
