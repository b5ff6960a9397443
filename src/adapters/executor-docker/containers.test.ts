import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSecrets } from "../../kernel/secrets.ts";
import { busyboxImage, type TestImage } from "../../testing/docker/busybox-image.ts";
import { removeContainers } from "../../testing/docker/containers.ts";
import { docker, requireDocker } from "../../testing/docker/engine.ts";
import { startEngineProxy } from "../../testing/docker/proxy.ts";
import { createSystemClock } from "../system/clock.ts";
import { inspectContainer, listContainers } from "./containers.ts";
import type { EngineTools } from "./engine.ts";

const engine = requireDocker();

describe("an engine that is away for some connections", { skip: engine.skip }, () => {
  const label = `busbar-test.away=${process.pid}`;
  let image: TestImage;
  let ids: readonly string[] = [];
  before(() => {
    if (!engine.found) return;
    image = busyboxImage(engine.peer);
    const create = () => docker(["create", `--label=${label}`, "--network=none", image.tag, "true"]).trim();
    ids = [create(), create()];
  });
  after(() => {
    removeContainers(ids);
    image.remove();
  });

  async function askThrough<T>(after: number, count: number, ask: (tools: EngineTools) => Promise<T>): Promise<T> {
    const proxy = await startEngineProxy({ cutConnections: { after, count } });
    const env = { ...process.env, DOCKER_HOST: `tcp://${proxy.address}` };
    try {
      return await ask({ clock: createSystemClock(), secrets: createSecrets(() => undefined), env });
    } finally {
      await proxy.close();
    }
  }

  for (const after of [0, 1, 2, 3]) {
    it(`has its containers, or does not answer, when it is away after ${after} of them`, {
      timeout: 60_000,
    }, async () => {
      for (let count = 0; count <= 5; count += 1) {
        const inspected = await askThrough(after, count, (tools) => inspectContainer(tools, "docker", ids[0] ?? ""));
        assert.notEqual(inspected.found, "nothing", `${count}`);
        const listed = await askThrough(after, count, (tools) => listContainers(tools, "docker", label));
        if (listed.answered)
          assert.deepEqual(listed.containers.map(({ id }) => id).toSorted(), ids.toSorted(), `${count}`);
      }
    });
  }

  it("has none that is not there", async () => {
    const found = await askThrough(0, 0, (tools) => inspectContainer(tools, "docker", "f".repeat(64)));
    assert.equal(found.found, "nothing");
  });
});
