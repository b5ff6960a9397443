import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseWorkflow } from "../parse.ts";
import { locateDiagnostics } from "../text/locate.ts";

async function problemsOf(node: object, more: object = {}) {
  const containers = [{ id: "a", ...node }];
  const source = { fileName: "t.json", text: JSON.stringify({ workflow_name: "t", containers, ...more }) };
  const parsed = await parseWorkflow(source);
  return parsed.ok ? [] : locateDiagnostics(parsed.error, source);
}

describe("a key that stands at the wrong place", () => {
  const docker = { image: "i", volumes: [] };

  it("is told where it belongs", async () => {
    const node = { input_file: "/i", output_file: "/o", service: "s" };
    const file = { execution_mode: "grpc", service_registry: { s: "localhost:1" } };
    const told: readonly (readonly [object, object, string])[] = [
      [{ ...node, max_attempts: 3 }, file, "max_attempts belongs under retry of a node"],
      [{ ...node, address: "h:1" }, file, "address belongs to a service, under service_registry"],
      [{ ...node, on_failure: "stop" }, file, "on_failure belongs at the top of the file"],
      [{ ...node, env: {} }, file, "env belongs under docker of a node"],
      [node, { ...file, timeout_seconds: 5 }, "timeout_seconds belongs to a node, or under defaults"],
      [node, { ...file, input_file: "/i" }, "input_file belongs to a node"],
      [node, { ...file, service: "s" }, "service belongs to grpc nodes"],
      [
        node,
        { ...file, service_registry: { s: { address: "h:1", ca_file: "c" } } },
        "ca_file belongs under tls of a service",
      ],
    ];
    for (const [one, more, message] of told) {
      const found = await problemsOf(one, more);
      assert.deepEqual(
        found.map((problem) => [problem.code, problem.message, problem.remedy]),
        [["WORKFLOW_UNKNOWN_KEY", message, "Move it there, or remove it."]],
      );
    }
  });

  it("of containers is told where it belongs, and is right there", async () => {
    for (const [key, value] of [
      ["allow", ["--cap-add"]],
      ["engine", "podman"],
    ] as const) {
      const [found, ...more] = await problemsOf({ docker: { ...docker, [key]: value } });
      assert.deepEqual(more, []);
      assert.equal(found?.code, "WORKFLOW_UNKNOWN_KEY");
      assert.match(found?.message ?? "", new RegExp(`^${key} belongs under docker at the top of the file$`));
      assert.match(found?.remedy ?? "", /^Move it there/);
      assert.deepEqual(await problemsOf({ docker }, { docker: { [key]: value } }), []);
    }
    for (const key of ["image", "args", "volumes", "env", "network", "user", "memory", "cpus"]) {
      const [found, ...more] = await problemsOf({ docker }, { docker: { [key]: "x" } });
      assert.deepEqual(more, []);
      assert.equal(found?.message, `${key} belongs under docker of a node`);
    }
  });
});
