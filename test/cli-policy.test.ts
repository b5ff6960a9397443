// A host's policy on the command line: --policy.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Cli, chain, createCli } from "./cli/harness.ts";

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

const file = (name: string, content: string | object): string => cli.write(name, content);

describe("--policy", () => {
  it("refuses what it does not list, at the place, before a run is made", async () => {
    const workflow = file("w.json", chain({ a: "localhost:1", b: "unix:/run/docker.sock" }));
    const policy = file("policy.json", {});
    for (const args of [["validate"], ["check"], ["run", "--state-dir", join(cli.folder, "none")]]) {
      const { code, stdout, stderr } = await cli.run([...args, workflow, "--policy", policy]);
      assert.equal(code, 16, stdout + stderr);
      assert.match(stdout + stderr, /w\.json:\d+:\d+ error POLICY_REFUSED: the address "unix:\/run\/docker\.sock"/);
    }
    assert.equal(existsSync(join(cli.folder, "none")), false);
    const { code } = await cli.run(["validate", workflow]);
    assert.equal(code, 0);
  });

  it("is asked again where a run is resumed", async () => {
    const workflow = file("w.json", chain({ a: "localhost:1" }));
    await cli.run(["run", workflow, "--run-id", "r1"]);
    const policy = file("policy.json", { addresses: ["example.org"] });
    const refused = await cli.run(["resume", "r1", "--policy", policy]);
    assert.equal(refused.code, 16, refused.stderr);
    assert.match(
      refused.stderr,
      /service_registry\.a\.address: the address "localhost:1" is not allowed on this host: addresses of .*policy\.json lists "example\.org"/,
    );
    const other = file("other.json", { addresses: ["localhost"] });
    const tried = await cli.run(["resume", "r1", "--policy", other]);
    assert.equal(tried.code, 20, tried.stderr);
    assert.ok(tried.stderr.includes(`busbar resume r1 --policy ${other}`), tried.stderr);
  });

  it("says where a policy is wrong, and what was probably meant", async () => {
    const workflow = file("w.json", chain({ a: "localhost:1" }));
    for (const [text, says] of [
      [
        '{\n  "adresses": []\n}',
        /policy\.json:2:3 error POLICY_INVALID: "adresses" is not a key of a policy\. Did you mean "addresses"\?/,
      ],
      ["{", /policy\.json:1:2 error POLICY_INVALID/],
      ["[]", /policy\.json:1:1 error POLICY_INVALID: a policy must be an object/],
    ] as const) {
      const { code, stderr } = await cli.run(["run", workflow, "--policy", file("policy.json", text)]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
    const none = await cli.run(["run", workflow, "--policy", join(cli.folder, "none.json")]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /POLICY_INVALID.*none\.json cannot be read/);
  });

  it("has a schema", async () => {
    const { code, stdout } = await cli.run(["schema", "--policy"]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).$id, "urn:busbar:policy:1");
  });
});
