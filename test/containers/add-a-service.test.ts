// The image of docs/guides/add-a-service.md: built from its Dockerfile, as a service and as a node without one.
// Python's is not built here: its base image has to come from a registry, and its packages too.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { listContainers, removeContainers } from "../../src/testing/docker/containers.ts";
import { docker, requireDocker } from "../../src/testing/docker/engine.ts";
import { type BaseImage, ensureBaseImage } from "../../src/testing/docker/rootfs.ts";
import { createServiceClient } from "../../src/testing/service-client.ts";
import { bundle, EXAMPLE } from "../add-a-service/variants.ts";

const engine = requireDocker();
const bin = fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));
const suffix = `add-a-service-${process.pid}`;
const [bare, base, image] = [`busbar-test-node:${suffix}`, `busbar-test-shell:${suffix}`, `fingerprint:${suffix}`];

describe("the image of a service of another team", { skip: engine.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "busbar-add-a-service-"));
  const data = join(folder, "data");
  let made: BaseImage | undefined;

  before(async () => {
    if (!engine.found) return;
    // The user of the image is not the one of the tests.
    mkdirSync(data);
    chmodSync(data, 0o777);
    writeFileSync(join(data, "energy_report.csv"), "a\n");
    made = await ensureBaseImage("docker", bare);
    addShell(engine.peer.busybox);
    const context = join(folder, "typescript");
    mkdirSync(context);
    bundle(join(context, "dist"));
    copyFileSync(join(EXAMPLE, "typescript/Dockerfile"), join(context, "Dockerfile"));
    docker(["build", "--quiet", "--force-rm", `--build-arg=NODE_IMAGE=${base}`, `--tag=${image}`, context]);
  });

  after(() => {
    if (engine.found) {
      removeContainers(listContainers(`busbar.test=${suffix}`).map(({ id }) => id));
      for (const tag of [image, base]) docker(["image", "rm", "--force", tag]);
      made?.remove();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the official image has and ours has not: a shell and two commands, for the Dockerfile's RUN. */
  function addShell(busybox: string): void {
    const context = join(folder, "shell");
    mkdirSync(join(context, "bin"), { recursive: true });
    copyFileSync(busybox, join(context, "bin/busybox"));
    for (const name of ["sh", "mkdir", "chown"]) symlinkSync("busybox", join(context, "bin", name));
    writeFileSync(join(context, "Dockerfile"), `FROM ${bare}\nCOPY bin /bin\nENV PATH=/usr/local/bin:/bin\n`);
    docker(["build", "--quiet", "--force-rm", `--tag=${base}`, context]);
  }

  it("serves on a read-only root file system without capabilities, is healthy, and stops on SIGTERM", async () => {
    const name = `fingerprint-${suffix}`;
    const port = await findFreePort();
    const options = [
      `--name=${name}`,
      "--read-only",
      "--cap-drop=ALL",
      "--network=host",
      `--label=busbar.test=${suffix}`,
    ];
    const variables = ["--env=HOST=127.0.0.1", `--env=PORT=${port}`, `--volume=${data}:/data`];
    const client = spawn("docker", ["run", ...options, ...variables, image], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(client, "exit");
    const died = ended.then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
    const [line] = await Promise.race([once(createInterface({ input: client.stdout }), "line"), died]);
    died.catch(() => undefined);
    assert.equal(line, `READY fingerprint 127.0.0.1:${port}`);

    const caller = createServiceClient(`127.0.0.1:${port}`);
    const reply = await caller.execute("/data/energy_report.csv", "served.sha256");
    caller.close();
    assert.equal(reply.success, true, reply.message);
    assert.match(readFileSync(join(data, "served.sha256"), "utf8"), /^[0-9a-f]{64} {2}energy_report\.csv\n$/);
    docker(["exec", name, "node", "health-check.cjs"]);
    // Not synchronously: the caller's end of the connection has to close.
    await promisify(execFile)("docker", ["stop", name]);
    assert.deepEqual(await ended, [0, null]);
  });

  it("does the same work as a docker node", async () => {
    const file = join(folder, "workflow.yaml");
    const text = readFileSync(join(EXAMPLE, "workflow-docker.yaml"), "utf8");
    writeFileSync(file, text.replace("[python, fingerprint.py,", "[node, once.cjs,"));
    const params = [`--param=data_dir=${data}`, `--param=image=${image}`];
    const env = { ...process.env, BUSBAR_STATE_DIR: join(folder, "state") };
    const { stderr } = await promisify(execFile)(process.execPath, [bin, "run", file, ...params], { env });
    assert.match(stderr, /1 succeeded/);
    assert.match(
      readFileSync(join(data, "energy_report.csv.sha256"), "utf8"),
      /^[0-9a-f]{64} {2}energy_report\.csv\n$/,
    );
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
