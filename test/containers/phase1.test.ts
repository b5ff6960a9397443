// The original's first phase: its file, unchanged, on a real engine, with our services' images under its names.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type BuiltImages, buildImages } from "../../src/testing/docker/built-images.ts";
import { listContainers } from "../../src/testing/docker/containers.ts";
import { docker, requireDocker } from "../../src/testing/docker/engine.ts";
import { type Cli, createCli, jsonLines } from "../cli/harness.ts";

const peer = requireDocker();
const FILE = fileURLToPath(new URL("../fixtures/seed/phase1/energy-pipeline-volumes.json", import.meta.url));
const SERVICES = ["energy-generator", "energy-analyzer", "report-generator"];
const FILES = ["energy_data.csv", "analysis_output.pb", "energy_report.csv"];
const seed = (name: string) => readFileSync(new URL(`../fixtures/seed/phase2/${name}`, import.meta.url));
const tagOf = (service: string) => `aieffect-31-to-32-${service}`;
/** The folder that the file mounts: somebody's home, years ago. */
const data = /-v ([^:]+):\/data/.exec(readFileSync(FILE, "utf8"))?.[1] ?? "";
const runId = `phase1-${process.pid}-${Date.now().toString(36)}`;

/** Makes a folder with what is missing above it. @returns the uppermost that was made; undefined where nothing could be */
function makeAll(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true }) ?? undefined;
  } catch {
    return undefined;
  }
}

describe("the original's phase 1 file", { skip: peer.skip }, () => {
  let images: BuiltImages;
  let cli: Cli;
  let made: string | undefined;

  before(async () => {
    images = await buildImages();
    for (const service of SERVICES) docker(["tag", images.nameOf(`busbar-${service}`, "once"), tagOf(service)]);
  });
  after(() => {
    docker(["image", "rm", ...SERVICES.map(tagOf)]);
    images?.remove();
  });
  beforeEach(() => {
    cli = createCli();
  });
  afterEach(async () => {
    await cli.close();
    if (made !== undefined) rmSync(made, { recursive: true });
    made = undefined;
    assert.deepEqual(listContainers(`busbar.run=${runId}`), []);
  });

  it("runs three containers in order, and they write the bytes of the original", async (t) => {
    let file = FILE;
    let folder = data;
    made = existsSync(data) ? undefined : makeAll(data);
    if (made === undefined) {
      // Nobody but root can make that folder, and somebody's own is not ours: then the mounts lead into ours.
      t.diagnostic(`${data} is not ours to make: the file's mounts were changed`);
      folder = join(cli.folder, "data");
      mkdirSync(folder);
      file = cli.write("phase1.json", readFileSync(FILE, "utf8").replaceAll(data, folder));
    }
    chmodSync(folder, 0o777); // for the user of the images
    const { code, stdout, stderr } = await cli.start(["run", file, "--run-id", runId, "--json"]).ended;
    assert.equal(code, 0, stderr);
    const nodes = jsonLines(stdout).filter(({ type }) => type.startsWith("node."));
    assert.deepEqual(
      nodes.map(({ type, node_id }) => `${type} ${node_id}`),
      SERVICES.flatMap((id) => [`node.started ${id}`, `node.succeeded ${id}`]),
    );
    assert.deepEqual(readdirSync(folder).sort(), [...FILES].sort());
    for (const name of FILES) assert.deepEqual(readFileSync(join(folder, name)), seed(name), name);
    const logs = await cli.run(["logs", runId, "energy-analyzer"]);
    assert.match(logs.stdout, /^Successfully analyzed 10 records and saved to analysis_output.pb$/m);
  });

  it("says what is missing where its folder does not exist, and starts nothing", {
    skip: existsSync(dirname(data)) ? "somebody has that folder" : false,
  }, async () => {
    const { code, stderr, stdout } = await cli.start(["run", FILE, "--run-id", runId, "--json"]).ended;
    assert.equal(code, 25, stderr);
    assert.match(stderr, /MOUNT_NOT_FOUND.*AIEffect/);
    assert.deepEqual(
      jsonLines(stdout).map(({ type }) => type),
      ["run.created", "run.checked", "run.failed"],
    );
  });
});
