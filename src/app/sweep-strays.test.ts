import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "../adapters/system/clock.ts";
import type { Clock } from "../kernel/clock.ts";
import { toErrorInfo } from "../kernel/errors.ts";
import { createSecrets } from "../kernel/secrets.ts";
import { busyboxImage, type TestImage } from "../testing/docker/busybox-image.ts";
import { listContainers, removeContainers } from "../testing/docker/containers.ts";
import { docker, requireDocker } from "../testing/docker/engine.ts";
import { until } from "../testing/until.ts";
import { createShared } from "./shared.ts";
import { createStraySweep } from "./sweep-strays.ts";

const peer = requireDocker();
const AGAIN_MS = 30_000;

describe("the sweep of strays", { skip: peer.skip, timeout: 60_000 }, () => {
  const runId = `strays-${randomUUID()}`;
  let image: TestImage;
  before(() => {
    if (peer.found) image = busyboxImage(peer.peer);
  });
  after(() => {
    removeContainers(listContainers(`busbar.run=${runId}`).map(({ id }) => id));
    image?.remove();
  });

  it("is tried again where Restate does not answer, and touches what its answer names and nothing else", async () => {
    for (const [run, call] of [
      ["this run", "inv_over"],
      ["this run", "inv_under_way"],
      ["another cluster's", "inv_other"],
    ]) {
      const labels = [`busbar.run=${runId}`, `busbar.journal=${run}`, `busbar.owner=${call}`];
      docker(["create", "--network=none", ...labels.map((label) => `--label=${label}`), image.tag, "true"]);
    }
    const head = {
      ...{ identity: "this run", invocation: "inv", token: "t", drivenSince: "t", definitionHash: "h" },
      ...{ lastSeq: 1, epoch: 1, pages: 0, tail: [] },
      summary: { workflow: "w", status: "running", created_at: "2026-11-26T00:00:00.000Z", counts: {} },
    };
    let answers = 0;
    const restate = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      answers += 1;
      if (answers === 1) return void response.writeHead(400).end("not now");
      const { query } = JSON.parse(text) as { readonly query: string };
      const rows = query.includes("sys_invocation_status")
        ? [{ id: "inv_under_way" }]
        : [{ service_key: runId, value_utf8: JSON.stringify(head) }];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ rows }));
    });
    await new Promise<void>((resolve) => restate.listen(0, "127.0.0.1", resolve));
    const system = createSystemClock();
    const clock: Clock = { ...system, after: (ms, call) => system.after(ms === AGAIN_MS ? 1 : ms, call) };
    const shared = { ...createShared(createSecrets(() => undefined)), clock };
    const troubles: string[] = [];
    const url = `http://127.0.0.1:${(restate.address() as AddressInfo).port}`;
    const sweep = createStraySweep(url, shared, (trouble) => void troubles.push(toErrorInfo(trouble).code));
    try {
      sweep.begin();
      const left = () => listContainers(`busbar.run=${runId}`).map(({ labels }) => labels["busbar.owner"] ?? "");
      await until(() => left().length !== 3);
      assert.deepEqual(left().toSorted(), ["inv_other", "inv_under_way"]);
      assert.deepEqual(troubles, ["CLUSTER_FAILED"]);
    } finally {
      await sweep.close();
      restate.close();
      restate.closeAllConnections();
    }
  });
});
