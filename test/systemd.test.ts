// The unit that docs/guides/serve.md installs, as systemd reads it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { serveCommand } from "../src/cli/commands/serve.ts";

const unit = fileURLToPath(new URL("../deploy/systemd/busbar.service", import.meta.url));
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe("deploy/systemd/busbar.service", () => {
  it("starts the server with options that it has", () => {
    const [line = ""] = /^ExecStart=.* serve .*$/m.exec(readFileSync(unit, "utf8")) ?? [];
    const options = [...line.matchAll(/--([a-z-]+)/g)].map((match) => match[1]);
    assert.ok(options.length > 0);
    for (const option of options)
      assert.ok(
        serveCommand.options.some(({ name }) => name === option),
        option,
      );
  });

  it("has nothing that systemd does not know", { skip: !hasSystemd && "systemd-analyze is not here" }, () => {
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  });
});
