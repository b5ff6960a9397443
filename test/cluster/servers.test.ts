// The servers of Restate that tests of the cluster runtime start: they come up, and survive what is done to them.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { startRestate } from "../../src/testing/restate/servers.ts";

const { skip } = requireRestate();

describe("startRestate", { skip, timeout: 120_000 }, () => {
  it("starts one server, which comes back after a kill, and leaves nothing behind", async (test) => {
    const servers = await startRestate({ nodes: 1 });
    test.after(() => servers.close());
    const [node] = servers.nodes;
    assert.ok(node);
    const { pid } = node;
    await node.kill();
    await assert.rejects(fetch(`${servers.admin}/health`));
    await node.start();
    await servers.ready();
    assert.notEqual(node.pid, pid);
    assert.equal((await fetch(`${servers.admin}/health`)).status, 200);
    await servers.close();
    assert.equal(existsSync(`/proc/${node.pid}`), false);
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith("busbar-restate-")),
      [],
    );
  });
});
