import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Finding } from "../../engine/finding.ts";
import { type Clock, createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { createFakeClient } from "../../testing/docker/fake-client.ts";
import { enginePath, startEngineProxy, startRegistry, startSilentEngine } from "../../testing/docker/proxy.ts";
import { until } from "../../testing/until.ts";
import type { ContainerRequest } from "../../workflow/kinds/docker/request.ts";
import { createSystemClock } from "../system/clock.ts";
import type { Variables } from "./client.ts";
import { createDockerExecutor } from "./executor.ts";

const engine = requireDocker();
const NEVER = new AbortController().signal;

/** Requests of nodes by their ids. */
type Nodes = { readonly [nodeId: string]: Partial<ContainerRequest> };

async function preflight(
  nodes: Nodes,
  {
    env = {},
    signal = NEVER,
    clock = createSystemClock(),
    ...options
  }: Partial<PreflightOptions> & { env?: Variables; signal?: AbortSignal; clock?: Clock } = {},
): Promise<readonly Finding[]> {
  const variables: Variables = { ...process.env, ...env };
  const executor = createDockerExecutor({
    clock,
    secrets: createSecrets((name) => variables[name]),
    env: variables,
  });
  const needs = Object.entries(nodes).map(([nodeId, changes]) => ({
    nodeId,
    request: { program: "docker", options: [], image: "busbar-test/absent:1", args: [], ...changes },
  }));
  const findings = await executor.preflight?.(
    { services: [], nodes: needs },
    { timeoutMs: 20_000, waitMs: 0, ...options },
    signal,
  );
  await executor.close?.();
  return findings ?? [];
}

const short = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, code, node }) => `${severity} ${code} ${node}`);

describe("preflight of containers, without an engine", () => {
  it("finds a program that is not there once, and says which nodes need it", async () => {
    const program = "/nonexistent/docker";
    const findings = await preflight({ a: { program }, b: { program }, c: { program: "no-such-engine" } });
    assert.deepEqual(short(findings), ["error ENGINE_NOT_FOUND a", "error ENGINE_NOT_FOUND c"]);
    assert.equal(
      findings[0]?.message,
      "/nonexistent/docker (for a and 1 more node) could not be run: it is not installed here. Install it, or name its full path",
    );
  });

  it("tells missing variables beside it, each once", async () => {
    const program = "/nonexistent/docker";
    const TOKEN = [{ env: "BUSBAR_TEST_TOKEN" }];
    const findings = await preflight({
      a: { program, env: { TOKEN, PLAIN: ["text"] } },
      b: { program, env: { TOKEN, BOTH: ["x", { env: "BUSBAR_TEST_TOKEN" }, { env: "BUSBAR_TEST_OTHER" }] } },
    });
    assert.deepEqual(short(findings).slice(1), ["error CONTAINER_MISSING_ENV a", "error CONTAINER_MISSING_ENV b"]);
    assert.match(
      findings[1]?.message ?? "",
      /^the container of a and 1 more node \(.*\): env TOKEN needs the environment variable BUSBAR_TEST_TOKEN, which is not set$/,
    );
    assert.match(findings[2]?.message ?? "", /variables BUSBAR_TEST_TOKEN, BUSBAR_TEST_OTHER, which are not set$/);
  });

  it("refuses to steer the client through a variable of the container", async () => {
    const env = { BUSBAR_TEST_TOKEN: "/lib/evil.so", PATH: process.env.PATH };
    const nodes: Nodes = {
      a: { program: "/nonexistent/docker", env: { LD_PRELOAD: [{ env: "BUSBAR_TEST_TOKEN" }] } },
      b: { program: "/nonexistent/docker", env: { LD_PRELOAD: ["/lib/plain.so"], PATH: [{ env: "PATH" }] } },
    };
    const findings = await preflight(nodes, { env });
    assert.deepEqual(short(findings).slice(1), ["error CONTAINER_MISSING_ENV a"]);
    assert.match(findings[1]?.message ?? "", /env LD_PRELOAD cannot come from the environment/);
    assert.doesNotMatch(JSON.stringify(findings), /evil/);
  });
});

describe("preflight of containers, at an engine with many images and slow registries", () => {
  const nodes = (count: number, program: string): Nodes =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, { program, image: `i${n}` }]));
  const timeoutMs = 2000;
  let clock: SteppingClock;
  beforeEach(() => {
    clock = createSteppingClock();
  });
  /** Resolves once the client has been asked about each of these, as files in its folder say. */
  const asked = (folder: string, ...images: readonly string[]): Promise<void> =>
    until(() => images.every((image) => existsSync(join(folder, image))));

  it("does not blame the engine, and knows which images are there", async () => {
    const client = createFakeClient(
      `image) [ "$5" != i1 ] && [ "$5" != i8 ];;\nmanifest) touch "$DIR/$4"; exec sleep 60;;`,
    );
    const checking = preflight(nodes(9, client.program), { timeoutMs, clock });
    await asked(client.folder, "i1", "i8");
    clock.advance(timeoutMs);
    const findings = await checking;
    client.remove();
    assert.deepEqual(short(findings), ["warning IMAGE_NOT_LOCAL n1", "warning IMAGE_NOT_LOCAL n8"]);
    for (const { message } of findings) assert.match(message, /whether it can be pulled is not known/);
  });

  it("does not take those for absent that it has not come to ask about", async () => {
    const client = createFakeClient(
      `image) touch "$DIR/$5"
        case "$5" in
        i[0-3]) until [ -e "$DIR/answer" ]; do sleep 0.05; done;;
        *) exec sleep 60;;
        esac;;
      manifest) touch "$DIR/manifest"; exit 1;;`,
    );
    const checking = preflight(nodes(16, client.program), { timeoutMs, clock });
    await asked(client.folder, "i0", "i1", "i2", "i3");
    // The next four have less than half of the time.
    clock.advance(0.6 * timeoutMs);
    writeFileSync(join(client.folder, "answer"), "");
    await asked(client.folder, "i4", "i5", "i6", "i7");
    clock.advance(0.4 * timeoutMs);
    const findings = await checking;
    const hasAsked = existsSync(join(client.folder, "manifest"));
    client.remove();
    assert.equal(findings.length, 12);
    for (const { severity, code, message } of findings) {
      assert.deepEqual([severity, code], ["warning", "IMAGE_NOT_LOCAL"]);
      assert.match(message, /may not be on this machine: docker did not come to say it in time$/);
    }
    assert.ok(!hasAsked);
  });

  it("blames one that hangs when it is asked about images", async () => {
    const client = createFakeClient('image) touch "$DIR/$5"; exec sleep 60;;');
    const checking = preflight(nodes(9, client.program), { timeoutMs, clock });
    await asked(client.folder, "i0", "i1", "i2", "i3");
    clock.advance(timeoutMs);
    const findings = await checking;
    client.remove();
    assert.deepEqual(short(findings), ["error ENGINE_SILENT n0"]);
  });
});

describe("preflight of containers", { skip: engine.skip }, () => {
  let image: TestImage;
  let folder: string;
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    folder = mkdtempSync(join(tmpdir(), "busbar-preflight-"));
    mkdirSync(join(folder, "data"));
  });
  after(() => {
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds nothing where engine, image and folders are there, and starts nothing", async () => {
    const options = [
      `--volume=${folder}/data:/data`,
      "--volume=named:/named",
      `--mount=type=bind,src=${folder},dst=/x`,
    ];
    assert.deepEqual(await preflight({ a: { image: image.tag, options }, b: { image: image.tag } }), []);
    assert.equal(docker(["ps", "--all", "--quiet", `--filter=ancestor=${image.tag}`]), "");
    assert.deepEqual(await preflight({}), []);
  });

  it("tells all there is at once, each thing at the first node that needs it", async () => {
    const lost = `--volume=${folder}/lost:/data`;
    const findings = await preflight({
      a: { image: image.tag, options: [lost] },
      b: { options: ["--pull=never", lost] },
      c: { options: ["--pull=never"], env: { X: [{ env: "BUSBAR_TEST_TOKEN" }] } },
      d: { program: "/nonexistent/podman" },
    });
    assert.deepEqual(short(findings), [
      "error IMAGE_NOT_FOUND b",
      "error MOUNT_NOT_FOUND a",
      "error ENGINE_NOT_FOUND d",
      "error CONTAINER_MISSING_ENV c",
    ]);
    assert.equal(
      findings[0]?.message,
      "image busbar-test/absent:1 (for b and 1 more node) is not on this machine, and its node says --pull=never. Build it or load it",
    );
    assert.equal(
      findings[1]?.message,
      `${folder}/lost (mounted by a and 1 more node) does not exist on this machine. Make it, or correct the mount`,
    );
  });

  it("says of an engine that is not there only that, in the engine's words", async () => {
    const env = { DOCKER_HOST: `unix://${folder}/no.sock` };
    const findings = await preflight({ a: { options: ["--volume=/lost:/x"] }, b: {} }, { env });
    assert.deepEqual(short(findings), ["error ENGINE_UNREACHABLE a"]);
    assert.match(findings[0]?.message ?? "", /^docker \(for a and 1 more node\) does not answer: .*no\.sock/);
  });

  it("names the context that the client is told to use and does not know", async () => {
    const env = { DOCKER_HOST: undefined, DOCKER_CONTEXT: "nope" };
    const findings = await preflight({ a: {}, b: {} }, { env });
    assert.deepEqual(short(findings), ["error ENGINE_MISCONFIGURED a"]);
    assert.match(
      findings[0]?.message ?? "",
      /^docker \(for a and 1 more node\) cannot reach its engine where DOCKER_CONTEXT=nope says: .*context "nope"/,
    );
  });

  it("waits for an engine that is still starting, and not for anything else", {
    skip: enginePath() === undefined,
  }, async () => {
    const proxy = await startEngineProxy({
      cutConnections: { after: 0, count: 3 },
      path: join(folder, "starting.sock"),
    });
    const env = { DOCKER_HOST: `unix://${proxy.address}` };
    const nodes = { a: { options: ["--pull=never"] } };
    assert.deepEqual(short(await preflight(nodes, { env })), ["error ENGINE_UNREACHABLE a"]);
    assert.deepEqual(short(await preflight(nodes, { env, waitMs: 60_000 })), ["error IMAGE_NOT_FOUND a"]);
    await proxy.close();
  });

  it("says of an engine that stays silent that it does", async () => {
    const silent = await startSilentEngine(join(folder, "silent.sock"));
    const env = { DOCKER_HOST: `unix://${silent.address}` };
    const findings = await preflight({ a: {} }, { env, timeoutMs: 300 });
    assert.deepEqual(short(findings), ["error ENGINE_SILENT a"]);
    assert.match(findings[0]?.message ?? "", /did not answer within 300 ms$/);
    await silent.close();
  });

  it("ends with the reason of an abort", async () => {
    const silent = await startSilentEngine(join(folder, "aborted.sock"));
    const env = { DOCKER_HOST: `unix://${silent.address}` };
    const controller = new AbortController();
    const checked = preflight({ a: {} }, { env, waitMs: 60_000, signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(checked, /enough/);
    await assert.rejects(preflight({}, { signal: AbortSignal.abort(new Error("before")) }), /before/);
    await silent.close();
  });

  describe("of images", () => {
    it("warns of one that has to be pulled first, and not of one that is pulled each time but there", async () => {
      const registry = await startRegistry();
      const remote = `${registry.address}/team/app:1`;
      const always = { image: remote, options: ["--pull=always"] };
      const findings = await preflight({ a: { image: remote }, b: always });
      assert.deepEqual(short(findings), ["warning IMAGE_NOT_LOCAL a", "warning IMAGE_NOT_LOCAL b"]);
      assert.match(findings[0]?.message ?? "", /is not on this machine; docker pulls it when the node starts/);
      docker(["tag", image.tag, remote]);
      assert.deepEqual(await preflight({ a: { image: remote }, b: always }), []);
      await registry.close();
      const gone = await preflight({ a: { image: remote }, b: always });
      assert.deepEqual(short(gone), ["error IMAGE_NOT_FOUND b"]);
      assert.match(
        gone[0]?.message ?? "",
        /is to be pulled each time \(--pull=always\), and cannot be: .*connection refused/,
      );
      docker(["image", "rm", remote]);
    });

    it("does not wait longer for a registry than for the rest", async () => {
      const silent = await startSilentEngine();
      const findings = await preflight(
        { a: { image: `${silent.address}/x:1` }, b: { image: image.tag } },
        { timeoutMs: 4000 },
      );
      assert.deepEqual(short(findings), ["warning IMAGE_NOT_LOCAL a"]);
      assert.match(
        findings[0]?.message ?? "",
        /is not on this machine; whether it can be pulled is not known: its registry did not answer in time$/,
      );
      await silent.close();
    });

    it("takes none for an option, and says why a name is none", async () => {
      const findings = await preflight({ a: { image: "--help" }, b: { image: "No Image" } });
      assert.deepEqual(short(findings), ["error IMAGE_NOT_FOUND a", "error IMAGE_NOT_FOUND b"]);
      for (const { message } of findings) assert.match(message, /invalid reference format/);
    });
  });

  describe("of mounts", () => {
    it("refuses a link that leads to a place of power, unless the file allows that place", async () => {
      symlinkSync("/etc", join(folder, "config"));
      const options = [`--volume=${folder}/config:/config`];
      const findings = await preflight({ a: { image: image.tag, options } });
      assert.deepEqual(short(findings), ["error MOUNT_NOT_ALLOWED a"]);
      assert.match(
        findings[0]?.message ?? "",
        /config \(mounted by a\) leads to \/etc: .* or allow "\/etc" in docker\.allow$/,
      );
      assert.deepEqual(await preflight({ a: { image: image.tag, options, allow: ["/etc"] } }), []);
    });

    it("says nothing of an engine that may be on another machine", { skip: enginePath() === undefined }, async () => {
      const proxy = await startEngineProxy();
      const env = { DOCKER_HOST: `tcp://${proxy.address}` };
      const options = [`--volume=${folder}/lost:/data`];
      assert.deepEqual(await preflight({ a: { image: image.tag, options } }, { env }), []);
      await proxy.close();
    });
  });
});
