// The reference pages say what the program does.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMANDS, renderCommandTable } from "../scripts/command-groups.ts";
import { renderCliPage, renderErrorsPage, renderPolicyPage } from "../scripts/docs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = (name: string): string => readFileSync(join(root, "docs", "reference", name), "utf8");

describe("docs/reference", () => {
  it("has the error table in errors.md (npm run docs writes it)", () => {
    assert.equal(page("errors.md"), renderErrorsPage());
  });

  it("has the help texts in cli.md (npm run docs writes it)", () => {
    assert.equal(page("cli.md"), renderCliPage());
  });

  it("has the keys of a policy in policy.md (npm run docs writes them)", async () => {
    assert.equal(page("policy.md"), await renderPolicyPage(page("policy.md")));
    assert.match(page("policy.md"), /`docker\.mounts\[\]\.read_only`/);
  });

  it("lists every environment variable that the program, its services or its scripts read", () => {
    const listed = page("environment.md");
    const read = ["src", "scripts", "examples"].flatMap(variablesOf);
    assert.ok(read.includes("BUSBAR_STATE_DIR") && read.includes("DATA_ROOT"));
    for (const name of read) assert.ok(listed.includes(`\`${name}\``), `${name} is not in environment.md`);
  });
});

describe("the commands", () => {
  it("stand in src/cli/command-table.ts as they speak of themselves (npm run generate writes it)", () => {
    assert.equal(readFileSync(join(root, "src", "cli", "command-table.ts"), "utf8"), renderCommandTable());
  });

  it("each show an example", () => {
    for (const { name, examples } of COMMANDS) assert.ok(examples.length > 0, `${name} shows no example`);
  });
});

/** Set by npm and by the system for everybody. */
const NOT_OURS = /^(npm_\w+|INIT_CWD|PATH|HOME|TMPDIR)$/;

function variablesOf(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith(".test.ts"))
    .flatMap((path) => [
      ...readFileSync(join(root, folder, path), "utf8").matchAll(/\benv(?:\.|\(")([A-Z][A-Z0-9_]+)\b/g),
    ])
    .map((match) => match[1] ?? "")
    // ${env.NAME} in help texts and in the starter workflow.
    .filter((name) => !NOT_OURS.test(name) && !["NAME", "REPORT_TOKEN", "ANALYZER_TOKEN"].includes(name));
  return [...new Set(names)];
}
