// Commands with --server, against a real `busbar serve`: they do and print what they do on the state directory itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createRunLogs } from "../../src/adapters/run-logs/run-logs.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { CERT_FILES } from "../../src/testing/peers/certs.ts";
import { type Cli, chain, createCli, jsonLines } from "../cli/harness.ts";
import { withoutTimes } from "../cli/without-times.ts";
import { type ServerProcess, startServer } from "../serve/server-process.ts";

let cli: Cli;
let server: ServerProcess;
beforeEach(async () => {
  cli = createCli();
  server = await startServer(cli);
});
afterEach(() => cli.close());

const at = (url: string) => ({ BUSBAR_SERVER: url });
const run = (...args: readonly string[]) => cli.run(args, at(server.url));

/** A service for each node, which answers when it is let go. */
async function held(...nodes: readonly string[]) {
  const gates = new Map(nodes.map((node) => [node, Promise.withResolvers<string>()]));
  const addresses: Record<string, string> = {};
  for (const node of nodes) {
    const service = await cli.serve(node, (_, { signal }) => {
      const aborted = new Promise<string>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cancelled")));
      });
      return Promise.race([gates.get(node)?.promise ?? "", aborted]);
    });
    addresses[node] = service.address;
  }
  cli.write("held.json", chain(addresses));
  return (node: string): void => gates.get(node)?.resolve("done");
}

/** A run of fetch, which succeeds, clean, which fails, and report. */
async function writeFailing() {
  const good = await cli.serve("good", () => "fine");
  const bad = await cli.serve("bad", () => {
    throw new Error("no");
  });
  const addresses = { fetch: good.address, clean: bad.address, report: good.address };
  cli.write("bad.json", chain(addresses));
  cli.write("good.json", chain({ ...addresses, clean: good.address }));
  cli.write("other.json", {
    ...chain({ ...addresses, clean: good.address }),
    ...{
      containers: { fetch: { input_file: "else", output_file: "fetch.out", next_node: null } },
      start_node: "fetch",
    },
  });
}

describe("commands with --server", () => {
  it("give a run its priority, which has no meaning without a server", async () => {
    const good = await cli.serve("good", () => "fine");
    cli.write("one.json", chain({ fetch: good.address }));
    assert.equal((await run("run", "one.json", "--run-id", "r1", "--priority", "-7")).code, 0);
    const shown = await run("show", "r1", "--json");
    assert.equal(JSON.parse(shown.stdout).priority, -7);
    for (const wrong of ["101", "-101", "1.5", "high"]) {
      const { code, stderr } = await run("rerun", "r1", "--from", "fetch", "--priority", wrong);
      assert.deepEqual([code, /whole number from -100 to 100/.test(stderr)], [2, true], stderr);
    }
    const local = await cli.run(["run", "one.json", "--priority", "1", "--state-dir", "other"]);
    assert.deepEqual([local.code, /give --server too/.test(local.stderr)], [2, true], local.stderr);
  });

  it("print of a run what they print of it on the state directory, and exit the same", async () => {
    await writeFailing();
    const params = ["--run-id", "r1"];
    const remote = await run("run", "bad.json", ...params);
    assert.equal(remote.code, 1, remote.stderr);
    const local = await cli.run(["run", "bad.json", ...params, "--state-dir", "other"]);
    const own = { ...local, stderr: local.stderr.replaceAll(" --state-dir other", "") };
    assert.deepEqual(withoutTimes(remote), withoutTimes(own));
    for (const args of [
      ["show", "r1"],
      ["show", "last", "--json"],
      ["explain", "r"],
      ["explain", "r1", "--json"],
      ["runs"],
      ["runs", "--json"],
      ["runs", "--status", "succeeded"],
      ["runs", "--workflow", "chain", "--since", "1d", "--limit", "1"],
      ["runs", "--interrupted", "--json"],
      ["events", "r1"],
      ["events", "r1", "--json", "--after", "3"],
      ["events", "r1", "--follow"],
      ["events", "--all", "--json"],
      ["events", "--all"],
      ["watch", "r1"],
      ["watch", "r1", "--json"],
      ["logs", "r1"],
      ["logs", "r1", "fetch", "--json", "--follow"],
      ["logs", "r1", "none"],
      ["cancel", "r1"],
      ["pause", "r1"],
      ["unpause", "r1"],
      ["rerun", "r1", "--from", "nobody"],
      ["resume", "r1", "--file", "other.json"],
      ["run", "good.json", "--run-id", "r1"],
      ["run", "good.json", "--run-id", "../r"],
      ["run", "good.json", "--param", "x=1"],
      ["run", "none.json"],
      ["events", "--all", "--after", "nonsense"],
    ]) {
      const here = await cli.run(args);
      assert.deepEqual(await run(...args), here, args.join(" "));
    }
    // Who has no run by that id says where it has been looked for.
    const unknown = await run("show", "x");
    assert.deepEqual([unknown.code, /^RUN_NOT_FOUND: /.test(unknown.stderr)], [2, true], unknown.stderr);
    assert.equal((await run("show", "../x")).code, 2);
  });

  it("resume a failed run with a changed file, refuse one that changes what is done, and rerun it", async () => {
    await writeFailing();
    assert.equal((await run("run", "bad.json", "--run-id", "r1")).code, 1);
    const refused = await run("resume", "r1", "--file", "other.json");
    assert.deepEqual([refused.code, /^RESUME_FILE_DIFFERS/m.test(refused.stderr)], [18, true], refused.stderr);
    const resumed = await run("resume", "r1", "--file", "good.json", "--json");
    assert.equal(resumed.code, 0, resumed.stderr);
    const types = jsonLines(resumed.stdout).map(({ type }) => type);
    assert.deepEqual([types[0], types.at(-1)], ["run.resumed", "run.succeeded"]);
    const rerun = await run("rerun", "r1", "--from", "report", "--run-id", "r2");
    assert.equal(rerun.code, 0, rerun.stderr);
    const { source, nodes } = JSON.parse((await run("show", "r2", "--json")).stdout);
    assert.deepEqual([source, nodes.map(({ reused_from = null }) => reused_from)], ["r1", ["r1", "r1", null]]);
  });

  it("run a workflow of the server by its name, which takes no more than the role operator", async () => {
    const ok = await cli.serve("ok", () => "fine");
    const params = { day: {}, limit: { type: "integer", default: 3 } };
    const more = { workflow_name: "nightly", params };
    mkdirSync(join(cli.folder, ".busbar", "workflows"), { recursive: true });
    // Literal values of metadata are shown to nobody.
    const service = { address: ok.address, metadata: { key: "secret" } };
    cli.write(".busbar/workflows/n.json", {
      ...chain({ a: "", b: "" }, more),
      service_registry: { a: service, b: service },
    });
    cli.write(".busbar/workflows/broken.json", { workflow_name: "broken" });
    cli.write("nightly.json", chain({ a: ok.address }, more));
    const made = await cli.run(["token", "create", "--role", "operator"]);
    const token = { ...at(server.url), BUSBAR_TOKEN: made.stdout.trim() };
    const asOperator = (...args: readonly string[]) => cli.run(args, token);
    const file = await asOperator("run", "nightly.json", "--param", "day=x");
    assert.deepEqual([file.code, /^FORBIDDEN: .* by its name\n.* `busbar run NAME`/s.test(file.stderr)], [2, true]);
    // Whoever looks after the server is told without asking.
    await server.running.shows("the workflow file broken.json cannot be run: 1:1 WORKFLOW_MISSING_KEY: ");
    const ran = await asOperator(
      "run",
      "nightly",
      "--param",
      "day=x",
      "--param",
      "limit=7",
      "--run-id",
      "r1",
      "--json",
    );
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      [jsonLines(ran.stdout)[0]?.type, jsonLines(ran.stdout).at(-1)?.type],
      ["run.created", "run.succeeded"],
    );
    const shown = JSON.parse((await asOperator("show", "r1", "--json")).stdout);
    assert.deepEqual([shown.workflow, shown.params], ["nightly", { day: "x", limit: 7 }]);
    const detached = await asOperator("run", "nightly", "--param", "day=y", "--detach", "--run-id", "r2");
    assert.deepEqual([detached.code, detached.stdout], [0, "r2\n"], detached.stderr);
    assert.equal((await asOperator("watch", "r2")).code, 0);
    for (const [args, code, says] of [
      [
        ["nightly"],
        14,
        /^PARAM_MISSING: the param "day" has no default and is not given\. Give it with --param day=VALUE/,
      ],
      [["nightly", "--param", "day=x", "--param", "limit=x"], 14, /^PARAM_INVALID: the param "limit" must be a whole/],
      [["nightly", "--param", "day=x", "--param", "x=x"], 14, /^PARAM_UNKNOWN: /],
      [["nigthly"], 10, /^WORKFLOW_UNKNOWN: no workflow is called "nigthly"/],
      [["broken"], 12, /^WORKFLOW_MISSING_KEY: .*broken\.json/],
      [["a/b"], 10, /^WORKFLOW_UNKNOWN: /],
    ] as const) {
      const refused = await asOperator("run", ...args);
      assert.deepEqual([refused.code, refused.stdout], [code, ""], refused.stderr);
      assert.match(refused.stderr, says);
    }
    assert.equal(JSON.parse((await asOperator("runs", "--json")).stdout).length, 2);

    // Made anew, or gone on with, as the file stands now.
    const again = ["r1", "--from", "b", "--file", "nightly", "--param", "limit=8", "--run-id", "r3"];
    const rerun = await asOperator("rerun", ...again);
    assert.equal(rerun.code, 0, rerun.stderr);
    assert.deepEqual(JSON.parse((await asOperator("show", "r3", "--json")).stdout).params, { day: "x", limit: 8 });
    const succeeded = await asOperator("resume", "r3", "--file", "nightly");
    assert.match(succeeded.stderr, /^RUN_ALREADY_SUCCEEDED: /);
    const unknown = await asOperator("resume", "r3", "--file", "nigthly");
    assert.deepEqual([unknown.code, /^WORKFLOW_UNKNOWN: /.test(unknown.stderr)], [10, true], unknown.stderr);
    assert.match((await asOperator("resume", "r3", "--file", "nightly.json")).stderr, /^FORBIDDEN: /);
    const local = await cli.run(["run", "nightly"]);
    assert.match(local.stderr, /^FILE_TYPE_UNKNOWN: /);
  });

  it("return at once with --detach, and watch follows the run to its end and exits as it does", async () => {
    const letGo = await held("a", "b");
    const started = await run("run", "held.json", "--detach", "--run-id", "r1");
    assert.deepEqual([started.code, started.stdout], [0, "r1\n"], started.stderr);
    assert.equal(started.stderr, `run r1 goes on at ${server.url}. Next: busbar watch r1\n`);
    const watching = cli.start(["watch", "r1", "--server", server.url]);
    await watching.shows("a  started");
    assert.match((await run("pause", "r1")).stderr, /^run r1 is paused; 1 outstanding attempt/);
    letGo("a");
    await watching.shows("a  succeeded");
    assert.equal((await run("unpause", "r1")).code, 0);
    await watching.shows("b  started");
    letGo("b");
    const { code, stderr } = await watching.ended;
    assert.equal(code, 0, stderr);
    assert.ok(stderr.endsWith(`Next: busbar show r1 --server ${server.url}\n`), stderr);
    const shown = await run("run", "held.json", "--detach", "--json");
    assert.equal(shown.code, 2);
  });

  it("cancel the run at the first Ctrl-C, and leave it to the server at the second", async () => {
    await held("a");
    const running = cli.start(["run", "held.json", "--run-id", "r1", "--server", server.url]);
    await running.shows("a  started");
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.deepEqual([code, /SIGINT: cancelling/.test(stderr)], [130, true], stderr);
    const { status } = JSON.parse((await run("show", "r1", "--json")).stdout);
    assert.equal(status, "cancelled");
    const requested = jsonLines((await run("events", "r1", "--json")).stdout).find(
      ({ type }) => type === "run.cancel_requested",
    );
    assert.match(String(requested?.by), /^\w+@/);
    assert.equal(requested?.reason, "SIGINT");

    const left = cli.start(["run", "held.json", "--run-id", "r2", "--server", server.url]);
    await left.shows("a  started");
    // A server that stands still answers no cancel.
    server.running.child.kill("SIGSTOP");
    left.child.kill("SIGINT");
    await left.shows("cancelling");
    left.child.kill("SIGINT");
    const ended = await left.ended;
    server.running.child.kill("SIGCONT");
    assert.deepEqual(
      [ended.code, ended.stderr.includes(`run r2 goes on there. Next: busbar show r2 --server ${server.url}`)],
      [130, true],
      ended.stderr,
    );
  });

  it("tell both of two cancels at once that the run is cancelled; it is recorded as one wish", async () => {
    await held("a");
    await run("run", "held.json", "--run-id", "r1", "--detach");
    const both = await Promise.all([run("cancel", "r1"), run("cancel", "r1")]);
    for (const { code, stderr } of both) assert.deepEqual([code, stderr], [0, "run r1 cancelled\n"]);
    const events = jsonLines((await run("events", "r1", "--json")).stdout);
    assert.equal(events.filter(({ type }) => type === "run.cancel_requested").length, 1);
    const late = await run("cancel", "r1", "--no-wait");
    assert.deepEqual([late.code, late.stderr], [0, "run r1 cancelled\n"]);
  });

  it("go on over a restart of the server: each event once, in order, and the exit code is the run's", async () => {
    const letGo = await held("a", "b");
    const running = cli.start(["run", "held.json", "--run-id", "r1", "--json", "--server", server.url]);
    await running.shows("run.created");
    const watching = cli.start(["watch", "r1", "--json", "--server", server.url]);
    const following = cli.start(["events", "--all", "--follow", "--json", "--server", server.url]);
    let stdout = "";
    running.child.stdout.on("data", (text: string) => {
      stdout += text;
    });
    await running.shows('"node.started"');
    await following.shows('"node.started"');
    await watching.shows('"node.started"');
    for (const [index, signal] of (["SIGTERM", "SIGKILL"] as const).entries()) {
      await server.stop(signal);
      server = await startServer(cli, { port: Number(new URL(server.url).port) });
      while (stdout.split('"run.resumed"').length < index + 2) await once(running.child.stdout, "data");
    }
    letGo("a");
    letGo("b");
    const ended = await running.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /trying again/);
    const all = jsonLines((await cli.run(["events", "r1", "--json"])).stdout);
    assert.deepEqual(jsonLines(ended.stdout), all);
    assert.equal(all.filter(({ type }) => type === "run.resumed").length, 2);
    await following.shows('"run.succeeded"');
    following.child.kill("SIGTERM");
    const fed = jsonLines((await following.ended).stdout).filter(({ kind }) => kind === "event");
    assert.deepEqual(
      fed.map(({ event }) => event),
      all,
    );
    const watched = await watching.ended;
    assert.deepEqual([watched.code, jsonLines(watched.stdout)], [0, all], watched.stderr);
  });

  it("follow what containers write to the end of the run, over a restart of the server", async () => {
    const letGo = await held("a");
    await run("run", "held.json", "--run-id", "r1", "--detach");
    const logs = createRunLogs({
      folder: join(cli.folder, ".busbar", "run-logs"),
      clock: createSystemClock(),
      secrets: createSecrets(() => undefined),
      onTrouble: assert.ifError,
    });
    const log = logs.open("r1", { nodeId: "a", attempt: 1 });
    log.write("stdout", "zero\none\n");
    const following = cli.start(["logs", "r1", "--follow", "--tail", "1", "--server", server.url]);
    await following.shows("one\n");
    log.write("stderr", "two\n");
    await following.shows("two\n");
    await server.stop("SIGKILL");
    log.write("stdout", "three\n");
    server = await startServer(cli, { port: Number(new URL(server.url).port) });
    await following.shows("three\n");
    log.write("stdout", "four\n");
    log.end();
    letGo("a");
    const { code, stdout, stderr } = await following.ended;
    assert.deepEqual([code, stdout], [0, "a | one\na ! two\na | three\na | four\n"], stderr);
    assert.equal((await run("logs", "r1", "a")).stdout, "zero\none\ntwo\nthree\nfour\n");
  });

  it("say where no server answers, and what to do", async () => {
    const { url } = server;
    await server.stop();
    const gone = await cli.run(["runs", "--server", url]);
    assert.deepEqual([gone.code, gone.stdout], [40, ""]);
    assert.equal(
      gone.stderr,
      `SERVER_UNREACHABLE: ${url}: nothing listens there\n  → Start it (\`busbar serve\`), or mend --server (BUSBAR_SERVER).\n`,
    );
  });

  it("say that what answers is no server of ours, or a proxy in its place", async () => {
    const answers = [
      [200, { "content-type": "text/html" }, 42, /^SERVER_FOREIGN: .* is no Busbar server: HTTP 200, text\/html/],
      [200, { "content-type": "application/json" }, 42, /^SERVER_FOREIGN: .*it sends what is no JSON/],
      [301, { location: "https://elsewhere.example/" }, 42, /^SERVER_FOREIGN: .*to https:\/\/elsewhere\.example\//],
      [502, {}, 43, /^SERVER_PROXY: a proxy answers in the place of http:/],
    ] as const;
    for (const [status, headers, code, message] of answers) {
      const other = createServer((_, response) => response.writeHead(status, headers).end("<html>"));
      other.listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const ended = await cli.run(["show", "last", "--server", `http://127.0.0.1:${port}`]);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
      other.close();
    }
    const tls = await cli.run(["runs", "--server", server.url.replace("http:", "https:")]);
    assert.deepEqual([tls.code, /^SERVER_TLS: .*without TLS its URL begins with http/.test(tls.stderr)], [41, true]);
  });

  it("show the token that was given, or the server's own on its machine, and say whose is not taken", async () => {
    await writeFailing();
    const { url } = server;
    const elsewhere = { BUSBAR_SERVER: url, BUSBAR_STATE_DIR: "elsewhere" };
    // Without a token whoever is on this machine may act, but not with a file of their own.
    const forbidden = await cli.run(["run", "good.json"], elsewhere);
    assert.deepEqual([forbidden.code, /^FORBIDDEN: .*needs the role admin/.test(forbidden.stderr)], [2, true]);
    assert.equal((await run("run", "good.json", "--run-id", "r1")).code, 0);
    const viewer = (await cli.run(["token", "create", "--role", "viewer"])).stdout.trim();
    const admin = (await cli.run(["token", "create", "--role", "admin", "--name", "ci"])).stdout.trim();
    const nobody = await cli.run(["runs"], elsewhere);
    assert.deepEqual([nobody.code, /^TOKEN_REQUIRED: /.test(nobody.stderr)], [2, true], nobody.stderr);
    const wrong = await cli.run(["runs"], { ...elsewhere, BUSBAR_TOKEN: "bbt_wrong" });
    assert.deepEqual([wrong.code, /^TOKEN_INVALID: /.test(wrong.stderr)], [2, true], wrong.stderr);
    assert.ok(!wrong.stderr.includes("bbt_wrong"));
    const seen = await cli.run(["runs"], { ...elsewhere, BUSBAR_TOKEN: viewer });
    assert.deepEqual([seen.code, /^r1 /m.test(seen.stdout)], [0, true], seen.stderr);
    const unable = await cli.run(["cancel", "r1"], { ...elsewhere, BUSBAR_TOKEN: viewer });
    assert.deepEqual([unable.code, /^FORBIDDEN: /.test(unable.stderr)], [2, true], unable.stderr);
    cli.write("token", `${admin}\n`);
    const file = ["--server", url, "--token-file", "token"];
    assert.equal((await cli.run(["run", "bad.json", "--run-id", "r2", ...file])).code, 1);
    const resumed = await cli.run(["resume", "r2", "--json", ...file]);
    assert.match(String(jsonLines(resumed.stdout)[0]?.by), /^\w+@.* \(ci\)$/);
    // At a port that the server has left, nobody is shown its own.
    const shown: (string | undefined)[] = [];
    await server.stop("SIGKILL");
    const other = createServer((request, response) => {
      shown.push(request.headers.authorization);
      response.end();
    });
    other.listen(Number(new URL(url).port), "127.0.0.1");
    await once(other, "listening");
    assert.equal((await run("runs")).code, 42);
    assert.deepEqual(shown, [undefined]);
    other.close();
  });

  it("trust a server by its certificate", async () => {
    await server.stop();
    const tls = ["--tls-cert", CERT_FILES.serverCert, "--tls-key", CERT_FILES.serverKey];
    server = await startServer(cli, { args: tls });
    const unknown = await run("runs");
    assert.deepEqual(
      [unknown.code, /^SERVER_TLS: https:.*not known here/.test(unknown.stderr)],
      [41, true],
      unknown.stderr,
    );
    const trusting = { ...at(server.url), NODE_EXTRA_CA_CERTS: CERT_FILES.ca };
    await writeFailing();
    const ran = await cli.run(["run", "good.json", "--run-id", "r1"], trusting);
    assert.equal(ran.code, 0, ran.stderr);
    const plain = await cli.run(["runs"], at(server.url.replace("https:", "http:")));
    assert.deepEqual([plain.code, /with TLS its URL begins with https/.test(plain.stderr)], [40, true], plain.stderr);
  });

  it("refuse what says nothing to a server, and tokens that would travel unencrypted", async () => {
    cli.write("good.json", chain({ a: "127.0.0.1:1" }));
    const cases: readonly (readonly [RegExp, ...string[]])[] = [
      [/--policy says nothing to a server/, "run", "good.json", "--policy", "p.json"],
      [/--allow-remote-state says nothing to a server/, "runs", "--allow-remote-state"],
      [/is no URL of a server/, "runs", "--server", "ftp://x"],
      [/has a password in its URL/, "runs", "--server", "http://a:b@127.0.0.1:1"],
      [/--state-dir says nothing to a server/, "runs", "--server", "https://example.invalid", "--state-dir", "s"],
      [/--token-file nowhere cannot be read: there is no such file/, "runs", "--token-file", "nowhere"],
      [/would travel unencrypted to example\.invalid/, "runs", "--server", "http://example.invalid"],
    ];
    cli.write("p.json", "{}");
    for (const [message, ...args] of cases) {
      const { code, stderr } = await cli.run(args, { ...at(server.url), BUSBAR_TOKEN: "bbt_secret" });
      assert.deepEqual([code, message.test(stderr)], [2, true], `${args.join(" ")}: ${stderr}`);
      assert.ok(!stderr.includes("bbt_secret"));
    }
    // What the command line says goes before the environment.
    const local = await cli.run(["runs", "--state-dir", "empty"], at("http://127.0.0.1:1"));
    assert.equal(local.code, 0, local.stderr);
  });
});
