// The images as they are built and used: on a real engine, without root, without a writable root file system.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { type BuiltImages, buildImages } from "../../src/testing/docker/built-images.ts";
import { docker, requireCompose, requireDocker } from "../../src/testing/docker/engine.ts";
import { createServiceClient } from "../../src/testing/service-client.ts";

const peer = requireDocker();
const SERVICES = ["energy-generator", "energy-analyzer", "report-generator"];
const FILES = ["energy_data.csv", "analysis_output.pb", "energy_report.csv"];
const HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
const NONROOT = "65532:65532";
const seed = (name: string) => readFileSync(new URL(`../fixtures/seed/phase2/${name}`, import.meta.url));

describe("the images", { skip: peer.skip, concurrency: false }, () => {
  let images: BuiltImages;
  /** An engine may have no network but those that are made. */
  const network = `busbar-test-images-${process.pid}`;
  let data = "";
  const containers: string[] = [];

  before(async () => {
    docker(["network", "create", network]);
    images = await buildImages();
  });
  after(() => {
    images?.remove();
    docker(["network", "rm", network]);
  });
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "busbar-data-"));
    chmodSync(data, 0o777); // for the user of the images, who is a stranger here
  });
  afterEach(() => {
    for (const id of containers.splice(0)) docker(["rm", "--force", "--volumes", id]);
    rmSync(data, { recursive: true, force: true });
  });

  const start = (args: readonly string[]): string => {
    const id = docker(["run", "--detach", ...HARDENED, ...args]).trim();
    containers.push(id);
    return id;
  };
  const inspect = (id: string, what: string): string => docker(["inspect", `--format={{${what}}}`, id]).trim();
  /** Asks the engine to stop it, as everybody does, and waits for that. */
  const stop = (id: string): number => {
    docker(["stop", id]);
    return Number(inspect(id, ".State.ExitCode"));
  };

  it("run as a user who is not root, and say what they are", () => {
    assert.equal(images.names.length, 7);
    for (const name of images.names) {
      const [{ Config: config }] = JSON.parse(docker(["image", "inspect", name]));
      assert.equal(config.User, NONROOT, name);
      assert.equal(config.Entrypoint[0], "/usr/local/bin/node");
      const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
      assert.equal(config.Labels["org.opencontainers.image.title"], name.split(":")[0]);
      assert.equal(config.Labels["org.opencontainers.image.version"], version);
      assert.equal(config.Labels["org.opencontainers.image.licenses"], "Apache-2.0");
    }
  });

  it("say their sizes", async (t) => {
    for (const image of ["busbar", "busbar-energy-generator"]) {
      const name = images.nameOf(image);
      const save = spawn("docker", ["save", name], { stdio: ["ignore", "pipe", "inherit"] });
      let bytes = 0;
      for await (const chunk of save.stdout.pipe(createGzip())) bytes += chunk.length;
      t.diagnostic(`${image}: ${megabytes(Number(inspect(name, ".Size")))}, compressed ${megabytes(bytes)}`);
    }
  });

  it("hold nothing but Node, its libraries and the program", () => {
    const list = (image: string): string[] => {
      const id = docker(["create", image]).trim();
      containers.push(id);
      const tar = execFileSync("docker", ["export", id], { maxBuffer: 2 ** 28 });
      const names = execFileSync("tar", ["-t"], { input: tar, encoding: "utf8" }).trim().split("\n");
      return names.filter((name) => !name.endsWith("/"));
    };
    const files = list(images.nameOf("busbar-energy-generator"));
    assert.deepEqual(
      files.filter(
        (name) => !/^(etc|dev|proc|sys)\/|^\.dockerenv$|^lib(64)?\/(ld-linux-|lib)|^usr\/share\/doc\//.test(name),
      ),
      ["app/LICENSE", "app/THIRD-PARTY-LICENSES.txt", "app/health-check.cjs", "app/service.cjs", "usr/local/bin/node"],
    );
  });

  it("do the work of the services once, with the original's command lines, byte for byte as the original", () => {
    const line = (service: string) => [
      "run",
      "--rm",
      "-v",
      `${data}:/data`,
      images.nameOf(`busbar-${service}`, "once"),
    ];
    assert.deepEqual(
      SERVICES.map((service) => docker(line(service))),
      [
        "Successfully generated synthetic data to energy_data.csv\n",
        "Successfully analyzed 10 records and saved to analysis_output.pb\n",
        "Successfully generated report with 10 records to energy_report.csv\n",
      ],
    );
    assert.deepEqual(readdirSync(data).sort(), [...FILES].sort());
    for (const name of FILES) assert.deepEqual(readFileSync(join(data, name)), seed(name), name);
  });

  it("fail with the reason as the last line, and say whose the folder must be", () => {
    const analyzer = images.nameOf("busbar-energy-analyzer", "once");
    const run = (args: readonly string[]) => {
      const ended = spawnSync("docker", ["run", "--rm", ...HARDENED, ...args], { encoding: "utf8" });
      return { code: ended.status, lines: ended.stderr.trim().split("\n") };
    };
    assert.deepEqual(run(["-v", `${data}:/data`, analyzer]), {
      code: 1,
      lines: ["[Analyzer] Failed to execute: Input file not found: energy_data.csv"],
    });
    writeFileSync(join(data, "energy_data.csv"), seed("energy_data.csv"));
    const readOnly = run(["-v", `${data}:/data:ro`, analyzer]);
    assert.equal(readOnly.code, 1);
    assert.match(readOnly.lines[0] ?? "", /user 65532 may not write to \/data/);
    assert.match(readOnly.lines.at(-1) ?? "", /^\[Analyzer\] Failed to execute: .*the file system is read-only/);
  });

  it("serve: healthy, inside /data only, and gone with exit code 0 when they are stopped", async () => {
    const ids = SERVICES.map((service, index) =>
      start([
        ...[
          "-v",
          `${data}:/data`,
          "--health-interval=1s",
          `--network=${network}`,
          `--publish=127.0.0.1::${50051 + index}`,
        ],
        images.nameOf(`busbar-${service}`),
      ]),
    );
    for (const id of ids) await becomesHealthy(id);
    writeFileSync(join(data, "in"), "");
    for (const id of ids) {
      const address = docker(["port", id]).trim().split(" ").at(-1) ?? "";
      const client = createServiceClient(address);
      for (const [input, output] of [
        ["/etc/passwd", "/data/out"],
        ["/data/in", "/app/out"],
        ["../etc/passwd", "out"],
      ] as const) {
        const { success, message } = await client.execute(input, output);
        assert.equal(success, false);
        assert.match(message, /is outside DATA_ROOT \/data; /);
      }
      client.close();
    }
    assert.deepEqual(readdirSync(data), ["in"]);
    assert.deepEqual(ids.map(stop), [0, 0, 0]);
  });

  it("become unhealthy when the service does not answer", async () => {
    const id = start([
      "--health-interval=1s",
      images.nameOf("busbar"),
      "dummy-server",
      "--host=0.0.0.0",
      "--port=7000",
    ]);
    await becomesHealthy(id);
    assert.equal(stop(id), 0);
    // Asked where nothing serves: the same program that said yes.
    const check = ["--entrypoint=/usr/local/bin/node", images.nameOf("busbar"), "/app/health-check.cjs"];
    writeFileSync(join(data, "cmdline"), "node\0/app/busbar.mjs\0dummy-server\0--port=7000\0");
    const asked = spawnSync("docker", ["run", "--rm", ...HARDENED, "-v", `${data}:/data`, ...check, "/data/cmdline"], {
      encoding: "utf8",
    });
    assert.deepEqual([asked.status, asked.stderr], [1, "http://127.0.0.1:7000: connect ECONNREFUSED 127.0.0.1:7000\n"]);
  });

  it("record a run in /state, and cancel it when they are stopped", async () => {
    const config = join(data, "config");
    mkdirSync(config);
    writeFileSync(
      join(config, "wait.json"),
      JSON.stringify({
        workflow_name: "wait",
        start_node: "a",
        service_registry: { a: "127.0.0.1:1" },
        containers: { a: { id: "a", input_file: "in", output_file: "out", next_node: null } },
      }),
    );
    const run = ["run", "/config/wait.json", "--run-id", "waiting", "--wait-for-services", "600"];
    const id = start(["-v", `${config}:/config:ro`, images.nameOf("busbar"), ...run]);
    await firstLogLine(id, /created/);
    assert.equal(stop(id), 130);
    const show = ["--volumes-from", id, images.nameOf("busbar"), "runs"];
    assert.match(docker(["run", "--rm", ...HARDENED, ...show]), /^waiting +wait +cancelled/m);
  });

  const compose = requireCompose();
  it("run the pipeline by compose, across all of them", { skip: compose.skip }, async () => {
    if (!compose.found) return;
    const project = `busbar-test-${process.pid}`;
    const file = fileURLToPath(new URL("../../deploy/compose/docker-compose.yaml", import.meta.url));
    const free = { GENERATOR_PORT: "0", ANALYZER_PORT: "0", REPORTER_PORT: "0" };
    const run = (args: readonly string[]) =>
      promisify(execFile)(
        "docker",
        ["compose", "--file", file, "--project-name", project, "--profile", "run", ...args],
        {
          env: { ...process.env, ...free, BUSBAR_TAG: images.tag },
        },
      );
    try {
      await run(["up", "--detach", ...SERVICES]);
      // It waits until the services are healthy. An exit code other than 0 rejects.
      const { stdout, stderr } = await run(["run", "--rm", "busbar", "run", "/config/energy-pipeline.json"]);
      assert.match(`${stdout}${stderr}`, /succeeded in .* \(3 succeeded\)/);
      const id = (await run(["ps", "--quiet", "energy-generator"])).stdout.trim();
      docker(["cp", `${id}:/data`, join(data, "results")]);
      assert.deepEqual(readdirSync(join(data, "results")).sort(), [...FILES].sort());
      for (const name of FILES) assert.deepEqual(readFileSync(join(data, "results", name)), seed(name), name);
      const ids = (await run(["ps", "--quiet"])).stdout.trim().split("\n");
      assert.equal(ids.length, 3);
      await run(["stop"]);
      assert.deepEqual(
        ids.map((one) => inspect(one, ".State.ExitCode")),
        ["0", "0", "0"],
      );
    } finally {
      await run(["down", "--volumes"]);
    }
    assert.equal(docker(["volume", "ls", "--quiet", `--filter=name=${project}`]), "");
  });
});

describe("the workflow file of compose", () => {
  it("is the original's, with the addresses of compose", () => {
    const file = readFileSync(new URL("../../deploy/compose/config/energy-pipeline.json", import.meta.url), "utf8");
    const original = seed("energy-pipeline.json").toString();
    assert.equal(file.replace(/"[a-z-]+:(\d+)"/g, '"localhost:$1"'), original);
    for (const service of SERVICES) assert.match(file, new RegExp(`"${service}": "${service}:\\d+"`));
  });
});

/** Rejects where it becomes unhealthy, or ends. */
async function becomesHealthy(id: string): Promise<void> {
  const filter = ["health_status", "die"].map((event) => `--filter=event=${event}`);
  const event = await firstLine(spawn("docker", ["events", "--since=1h", `--filter=container=${id}`, ...filter]), /./);
  assert.match(event, /health_status: healthy/);
}

function firstLogLine(id: string, pattern: RegExp): Promise<string> {
  return firstLine(spawn("docker", ["logs", "--follow", id]), pattern);
}

async function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  const closed = once(child, "close");
  try {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    for (const input of [child.stdout, child.stderr]) {
      if (input !== null) createInterface({ input }).on("line", (line) => pattern.test(line) && resolve(line));
    }
    void closed.then(() => reject(new Error(`ended without a line that has ${pattern}`)));
    return await promise;
  } finally {
    child.kill();
    await closed;
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
