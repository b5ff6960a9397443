// Literal tokens of a workflow file, which its run needs and nobody is shown (semantics.md, "Secrets").
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Cli, createCli } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

it("are shown by no command: not with the definition, in events, errors or logs", async (t) => {
  if (process.platform === "win32") return t.skip("the engine of this test is a shell script");
  // An engine that says no, so that the command is logged and the node fails.
  chmodSync(cli.write("docker", '#!/bin/sh\necho "Error: no such engine" >&2\nexit 1\n'), 0o755);
  const env = { PATH: `${cli.folder}:${process.env.PATH}`, DOCKER_HOST: "unix:///nowhere" };
  const workflow = (token: string): string =>
    cli.write("w.json", {
      workflow_name: "w",
      service_registry: { s: { address: "127.0.0.1:1", metadata: { authorization: `Bearer ${token}-m` } } },
      containers: {
        a: {
          executor: "docker",
          docker: { image: "i", volumes: [], env: { KEY: `${token}-e`, MIX: `${token}-x\${env.HOME}` } },
          next_node: "b",
        },
        b: { executor: "docker", command: `docker run -v v:/v -e KEY=${token}-c i`, next_node: "c" },
        c: { service: "s", input_file: "/i", output_file: "/o" },
      },
      start_node: "a",
      on_failure: "continue",
      defaults: { retry: { max_attempts: 1 } },
    });
  const file = workflow("s3cret-1");
  const run = await cli.run(["run", file, "--run-id", "r1", "--no-preflight", "--json"], env);
  assert.equal(run.code, 1, run.stderr);
  const said = [run];
  for (const args of [
    ["show", "r1"],
    ["show", "r1", "--json"],
    ["events", "r1", "--json"],
    ["events", "r1"],
    ["logs", "r1"],
    ["explain", "r1"],
  ]) {
    said.push(await cli.run(args, env));
  }
  // The definition is what it was: a resume neither takes it for changed nor loses the values.
  const resumed = await cli.run(["resume", "r1", "--no-preflight"], env);
  assert.doesNotMatch(resumed.stderr, /has changed/);
  said.push(resumed, await cli.run(["check", workflow("s3cret-2")], env));
  cli.write("w.json", {
    nonsense: 1,
    service_registry: { s: { adress: "a", metadata: { k: "s3cret-3" } } },
    containers: {},
  });
  said.push(await cli.run(["validate", file]), await cli.run(["validate", file, "--json"]));
  for (const { stdout, stderr } of said) assert.doesNotMatch(stdout + stderr, /s3cret/);
  const [, , view] = said;
  assert.match(view?.stdout ?? "", /"definition_text": ".*authorization.*\*\*\*/);
  assert.match(said[5]?.stdout ?? "", /--env=KEY=\*\*\*/);
});

describe("a file with tokens", () => {
  it("is said to have changed where only a token has", async () => {
    const write = (token: string): string =>
      cli.write("w.json", {
        ...{ workflow_name: "w", service_registry: { s: { address: "127.0.0.1:1", metadata: { k: token } } } },
        containers: { s: { input_file: "/i", output_file: "/o", retry: { max_attempts: 1 } } },
      });
    await cli.run(["run", write("one"), "--run-id", "r1", "--no-preflight"]);
    write("two");
    const { stderr } = await cli.run(["resume", "r1", "--no-preflight"]);
    assert.match(stderr, /w\.json has changed since this run was created/);
  });
});
