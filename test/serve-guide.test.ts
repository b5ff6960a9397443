// What docs/guides/serve.md tells to type and test/docs does not, because it listens on every interface: the options
// are those that there are. test/serve-security.test.ts starts such servers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { serveCommand } from "../src/cli/commands/serve.ts";
import { parseCommand } from "../src/cli/parse.ts";
import { readBlocks } from "./docs/blocks.ts";

const guide = fileURLToPath(new URL("../docs/guides/serve.md", import.meta.url));

describe("docs/guides/serve.md", () => {
  it("starts servers beyond loopback with options that there are", () => {
    const commands = readBlocks("serve.md", readFileSync(guide, "utf8"))
      .filter(({ directives }) => directives.some(({ kind }) => kind === "see"))
      .flatMap(({ steps }) =>
        steps.map(({ command }) => / serve (?<options>--.*)$/.exec(command)?.groups?.options ?? ""),
      )
      .filter((options) => options !== "");
    assert.equal(commands.length, 3);
    for (const options of commands) {
      const values = parseCommand(serveCommand, options.split(/\s+/));
      assert.equal(values.text("host"), "0.0.0.0");
      assert.ok(values.list("public-url").length > 0);
      assert.ok(values.flag("behind-proxy") || values.text("tls-cert") !== undefined);
    }
  });
});
