import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDefinition } from "../testing/read-definition.ts";
import { envNamesOfNodes } from "./node.ts";

describe("envNamesOfNodes", () => {
  it("names what containers and called services cannot do without, each once, of these nodes alone", async () => {
    const workflow = await readDefinition({
      format: "json",
      text: JSON.stringify({
        workflow_name: "needs",
        start_node: ["call", "contain", "plain"],
        service_registry: {
          one: { address: "localhost:1", metadata: { authorization: "Bearer ${env.TOKEN}", "x-site": "${env.SITE}" } },
          two: "localhost:2",
        },
        containers: {
          call: { service: "one", input_file: "x", output_file: "y" },
          plain: { service: "two", input_file: "x", output_file: "y" },
          contain: {
            executor: "docker",
            docker: { image: "busybox", volumes: [], env: { KEY: "${env.KEY}", SITE: "${env.SITE}", PLAIN: "text" } },
          },
        },
      }),
    });
    const named = (...ids: readonly string[]): string[] =>
      [
        ...envNamesOfNodes(
          workflow,
          workflow.nodes.filter(({ id }) => ids.includes(id)),
        ),
      ].toSorted();
    assert.deepEqual(named("call", "contain", "plain"), ["KEY", "SITE", "TOKEN"]);
    assert.deepEqual(named("contain"), ["KEY", "SITE"]);
    assert.deepEqual(named("plain"), []);
  });
});
