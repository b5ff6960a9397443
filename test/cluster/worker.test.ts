// `busbar worker`: how it is told of, whom it obeys, and how it stops.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { listenForRestate } from "../../src/runtimes/cluster/worker/endpoint.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { findPorts } from "../../src/testing/restate/ports.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import { type Cli, chain, createCli, jsonLines, type Running } from "../cli/harness.ts";
import { createIdentityKey } from "./identity-key.ts";

let cli: Cli;
let workers: Running[];
beforeEach(() => {
  cli = createCli();
  workers = [];
});
afterEach(async () => {
  for (const { child } of workers) child.kill("SIGKILL");
  await Promise.all(workers.map(({ ended }) => ended));
  await cli.close();
});

/** Starts one, and waits until it is ready. @returns its address too */
async function startWorker(...args: readonly string[]) {
  const worker = cli.start(["worker", ...args]);
  workers.push(worker);
  let text = "";
  worker.child.stdout.on("data", (more: string) => {
    text += more;
  });
  await worker.shows("READY http://");
  return { ...worker, url: /READY (\S+)/.exec(text)?.[1] ?? "" };
}

/** A service of two nodes, a and b; the first answers when it is let go. */
async function writeHeld(more: object = {}) {
  const gate = Promise.withResolvers<string>();
  const called = Promise.withResolvers<void>();
  const keys: string[] = [];
  const a = await cli.serve("a", (_, { idempotencyKey, signal }) => {
    keys.push(idempotencyKey ?? "");
    called.resolve();
    const aborted = new Promise<string>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("cancelled")));
    });
    return Promise.race([gate.promise, aborted]);
  });
  const b = await cli.serve("b", () => "fine");
  cli.write("held.json", chain({ a: a.address, b: b.address }, more));
  return { called: called.promise, letGo: () => gate.resolve("done"), keys };
}

const STACK = /^ +at /m;

describe("busbar worker", { ...requireRestate(), timeout: 240_000 }, () => {
  let servers: RestateServers;
  before(async () => {
    servers = await startRestate({ nodes: 1 });
  });
  after(() => servers?.close());

  const place = () => ["--runtime", "restate", "--ingress", servers.ingress, "--admin", servers.admin];
  const portOf = async (): Promise<string> => `127.0.0.1:${(await findPorts(1))[0]}`;

  it("lets what is under way end when it is stopped, and another at its address goes on", async () => {
    const { called, letGo, keys } = await writeHeld();
    const listen = await portOf();
    const first = await startWorker("--listen", listen, "--admin", servers.admin, "--grace", "60");
    const running = cli.start(["run", "held.json", "--json", ...place()]);
    await called;
    first.child.kill("SIGTERM");
    letGo();
    const { code, stdout, stderr } = await first.ended;
    assert.deepEqual([code, stdout], [0, `READY http://${listen}\n`], stderr);
    assert.doesNotMatch(stderr, STACK);
    await startWorker("--listen", listen);
    const ended = await running.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(
      jsonLines(ended.stdout).map(({ type }) => type),
      [
        "run.created",
        "run.started",
        "node.started",
        "node.succeeded",
        "node.started",
        "node.succeeded",
        "run.succeeded",
      ],
    );
    assert.equal(keys.length, 1);
  });

  it("leaves what does not end in time: it is recorded as lost, and done again", async () => {
    const { called, letGo, keys } = await writeHeld();
    const listen = await portOf();
    const first = await startWorker("--listen", listen, "--admin", servers.admin, "--grace", "0.2");
    const running = cli.start(["run", "held.json", "--json", ...place()]);
    await called;
    first.child.kill("SIGTERM");
    const stopped = await first.ended;
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.doesNotMatch(stopped.stderr, STACK);
    letGo();
    await startWorker("--listen", listen);
    const ended = await running.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const lost = jsonLines(ended.stdout).filter(({ type }) => type === "node.attempt_failed");
    assert.deepEqual(
      lost.map(({ attempt, outcome }) => [attempt, outcome]),
      [[1, "lost"]],
    );
    assert.equal(keys.length, 2);
    assert.equal(new Set(keys).size, 1);
  });

  it("is waited for, which is told, where none runs", async () => {
    const { letGo } = await writeHeld();
    letGo();
    const listen = await portOf();
    const first = await startWorker("--listen", listen, "--admin", servers.admin);
    first.child.kill("SIGKILL");
    await first.ended;
    const running = cli.start(["run", "held.json", ...place()]);
    await running.shows("no worker has answered for 5 s by way of Restate at");
    await startWorker("--listen", listen);
    const ended = await running.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr.match(/trying again/g)?.length, 1, ended.stderr);
  });

  it("is registered once for all workers at its address, by itself or by others", async () => {
    const listen = await portOf();
    const nowhere = ["worker", "register", "--admin", servers.admin, "--advertise", `http://${listen}`];
    const early = await cli.run(nowhere);
    assert.equal(early.code, 39, early.stderr);
    assert.match(
      early.stderr,
      /^CLUSTER_FAILED: Restate at http:\S+ finds no workers at http:\S+ \(.*Connection refused.*\): start `busbar worker` there/,
    );
    const waiting = cli.start([...nowhere, "--wait", "60"]);
    await waiting.shows("waiting: Restate at");
    const { url } = await startWorker("--listen", listen);
    const registered = await waiting.ended;
    assert.deepEqual([registered.code, registered.stdout], [0, `registered ${url}\n`], registered.stderr);
    const again = await cli.run(["worker", "register", "--force", "--advertise", url], { BUSBAR_ADMIN: servers.admin });
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    await startWorker("--listen", await portOf(), "--admin", servers.admin);
    const former = await cli.run(["worker", "register", "--advertise", url, "--admin", servers.admin]);
    assert.equal(former.code, 0, former.stderr);
    assert.match(former.stderr, /^warning: new runs do not go to http:\S+: .* `busbar worker register --force /);
    const first = await cli.run(["worker", "register", "--force", "--advertise", url, "--admin", servers.admin]);
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.deepEqual((await cli.run(["worker", "register", "--advertise", url, "--admin", servers.admin])).stderr, "");
    const gone = await cli.run([
      "worker",
      "--listen",
      "127.0.0.1:0",
      "--admin",
      `http://${await portOf()}`,
      "--wait",
      "0",
    ]);
    assert.deepEqual([gone.code, gone.stdout], [39, ""]);
    assert.match(gone.stderr, /^CLUSTER_UNREACHABLE: /);
  });

  it("is not taken for what Restate knows at its address, where that is of another version", async () => {
    const older = await listenForRestate({
      ...{ host: "127.0.0.1", port: 0, busbarVersion: "0.0.9" },
      ...{ executors: {}, clock: createSystemClock(), secrets: createSecrets(() => undefined) },
      readDefinition: () => assert.fail("nothing is run"),
      onTrouble: assert.ifError,
    });
    const listen = `127.0.0.1:${older.port}`;
    const args = ["register", "--admin", servers.admin, "--advertise", `http://${listen}`];
    const registered = await cli.run(["worker", ...args]);
    await older.close();
    assert.equal(registered.code, 39, registered.stderr);
    const newer = await cli.run(["worker", "--listen", listen, "--admin", servers.admin]);
    assert.deepEqual([newer.code, newer.stdout], [39, ""], newer.stderr);
    assert.match(
      newer.stderr,
      /^CLUSTER_OTHER_VERSION: Restate knows workers of Busbar 0\.0\.9 at http:\S+, and this is \d/,
    );
    assert.match(newer.stderr, /an address of its own/);
    await startWorker("--listen", listen);
    const forced = await cli.run(["worker", ...args, "--force"]);
    assert.equal(forced.code, 0, forced.stderr);
  });

  it("calls what its own policy allows, with its own secrets, whoever has started the run", async () => {
    const seen: (string | undefined)[] = [];
    const { address } = await cli.serve("a", (_, { metadata }) => {
      seen.push(metadata("authorization"));
      return "fine";
    });
    const services = { a: { address, metadata: { authorization: "Bearer ${env.CLUSTER_TOKEN}" } } };
    cli.write("secret.json", chain({ a: address }, { service_registry: services }));
    cli.write("all.json", { env: ["CLUSTER_TOKEN"], addresses: [address] });
    cli.write("none.json", { env: ["CLUSTER_TOKEN"], addresses: ["10.0.0.0/8"] });
    const listen = await portOf();
    const env = { CLUSTER_TOKEN: "s3cret-of-the-worker" };
    for (const [policy, code] of [
      ["none.json", 29],
      ["all.json", 0],
    ] as const) {
      const worker = cli.start(["worker", "--listen", listen, "--admin", servers.admin, "--policy", policy], env);
      workers.push(worker);
      await worker.shows("READY");
      const run = await cli.run(["run", "secret.json", ...place()]);
      assert.equal(run.code, code, run.stderr);
      assert.equal(run.stderr.includes("not allow"), code !== 0, run.stderr);
      worker.child.kill("SIGTERM");
      assert.equal((await worker.ended).code, 0);
    }
    assert.deepEqual(seen, ["Bearer s3cret-of-the-worker"]);
  });

  it("refuses what it cannot go by, and warns where strangers reach it", async () => {
    for (const [args, says] of [
      [["stop"], /^USAGE: stop is no action/],
      [["--listen", "9080"], /^USAGE: --listen is HOST:PORT/],
      [["--identity-key", "publickeyv1_no"], /^USAGE: --identity-key is a public key as Restate logs it/],
      [["--force"], /^USAGE: --force is of `busbar worker register`/],
      [["--listen", "0.0.0.0:0", "--admin", "http://127.0.0.1:1"], /^USAGE: by what address does Restate reach it/],
      [["register", "--grace", "1"], /^USAGE: --grace is of `busbar worker`/],
      [["register", "--admin", "http://r:1"], /^USAGE: where are the workers\?/],
      [
        ["register", "--admin", "http://r:1", "--advertise", "w:1"],
        /^USAGE: the address of the workers, w:1 is no URL/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await cli.run(["worker", ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, says);
    }
    const { url, child, ended } = await startWorker("--listen", "0.0.0.0:0");
    const taken = await cli.run(["worker", "--listen", url.replace("http://", "")]);
    assert.equal(taken.code, 2, taken.stderr);
    assert.match(taken.stderr, /^ADDRESS_UNAVAILABLE: a worker cannot listen on 0\.0\.0\.0:\d+: .*EADDRINUSE/);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 0);
    assert.match(stderr, /^warning: whoever reaches http:\S+ can have this worker call services[^\n]*\n$/);
  });
});

describe("a worker with Restate's identity key", { ...requireRestate(), timeout: 120_000 }, () => {
  const { privatePem, publicKey } = createIdentityKey();
  const folder = mkdtempSync(join(tmpdir(), "busbar-identity-"));
  let servers: RestateServers;
  before(async () => {
    const file = join(folder, "key.pem");
    writeFileSync(file, privatePem, { mode: 0o600 });
    servers = await startRestate({
      nodes: 1,
      config: { "worker.invoker.request-identity-private-key-pem-file": file },
    });
  });
  after(async () => {
    await servers?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function statusOf(url: string, path: string): Promise<number | undefined> {
    const session = connect(url);
    try {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/vnd.restate.invocation.v5",
        accept: "application/vnd.restate.endpointmanifest.v3+json",
      });
      stream.resume().end();
      const [headers] = await once(stream, "response");
      return headers[":status"];
    } finally {
      session.destroy();
    }
  }

  it("is missed where none was ever registered", async () => {
    await writeHeld();
    const args = ["--runtime", "restate", "--ingress", servers.ingress, "--admin", servers.admin];
    const { code, stderr } = await cli.run(["run", "held.json", ...args]);
    assert.equal(code, 39, stderr);
    assert.match(stderr, /^CLUSTER_NO_WORKERS: Restate at http:\S+ knows no BusbarRun.*\n.*busbar worker register/);
  });

  it("does what Restate has signed, and answers 401 to everybody else", async () => {
    const { called, letGo } = await writeHeld();
    letGo();
    const { url, child, ended } = await startWorker(
      ...["--listen", "127.0.0.1:0", "--admin", servers.admin, "--identity-key", publicKey],
    );
    const place = ["--runtime", "restate", "--ingress", servers.ingress, "--admin", servers.admin];
    const run = await cli.run(["run", "held.json", ...place]);
    assert.equal(run.code, 0, run.stderr);
    await called;
    for (const path of ["/discover", "/invoke/BusbarAttempt/make", "/invoke/BusbarRun/drive"]) {
      assert.equal(await statusOf(url, path), 401, path);
    }
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    assert.equal(code, 0);
    assert.match(stderr, /Restate: Rejecting request as its JWT did not validate/);
    assert.doesNotMatch(stderr, STACK);
  });

  it("is not registered by a Restate whose key it does not know, which is said", async () => {
    const stranger = createIdentityKey().publicKey;
    const { url } = await startWorker("--listen", "127.0.0.1:0", "--identity-key", stranger);
    const { code, stderr } = await cli.run([
      "worker",
      "register",
      "--admin",
      servers.admin,
      "--advertise",
      url,
      "--wait",
      "60",
    ]);
    assert.equal(code, 39, stderr);
    assert.match(
      stderr,
      /^CLUSTER_FAILED: workers at \S+ refuse what Restate at \S+ has signed: their --identity-key /,
    );
  });
});
