// The promises of a runtime, kept by a cluster: real servers of Restate, one and three of them.
import { after, describe } from "node:test";
import { cloneThrough } from "../../src/testing/cloning-runtime.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { describeRuntime } from "../../src/testing/runtime-suite.ts";
import { createHarnessServers } from "./cluster-harness.ts";

const { skip } = requireRestate();

for (const [name, nodes, through] of [
  ["a cluster with one server", 1, cloneThrough],
  ["a cluster with three servers", 3, undefined],
] as const) {
  describe(name, { skip, timeout: 600_000 }, () => {
    const servers = createHarnessServers(nodes, through ?? ((runtime) => runtime));
    after(() => servers.close());
    describeRuntime(name, servers.createHarness, "engine");
  });
}
