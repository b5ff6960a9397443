// What README.md and the guides show is what there is.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMAND_TABLE } from "../src/cli/command-table.ts";
import { parseWorkflow } from "../src/workflow/parse.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readme = read("README.md");
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1] ?? "");

describe("README.md", () => {
  it("lists commands that there are", () => {
    const listed = [...readme.matchAll(/^\| `busbar ([a-z-]+)/gm)].map((match) => match[1]);
    const names: readonly string[] = COMMAND_TABLE.map((command) => command.name);
    assert.ok(listed.length > 5);
    assert.deepEqual(
      listed.filter((name) => !names.includes(name ?? "")),
      [],
    );
  });

  for (const path of ["README.md", "docs/guides/docker-nodes.md", "docs/guides/write-a-service.md"]) {
    it(`shows a workflow file that is valid: ${path}`, async () => {
      const [text = ""] = blocks(read(path), "yaml");
      const parsed = await parseWorkflow({ fileName: "shown.yaml", text });
      assert.ok(parsed.ok, JSON.stringify(parsed));
    });
  }

  it("shows the service that the guide shows and runs", () => {
    assert.deepEqual(blocks(readme, "js"), blocks(read("docs/guides/write-a-service.md"), "js").slice(0, 1));
  });

  it("names only npm scripts that there are", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
    for (const file of ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]) {
      for (const [, name = ""] of read(file).matchAll(/`?npm run ([a-z:]+)/g)) {
        assert.ok(scripts.includes(name), `${file} names npm run ${name}`);
      }
    }
  });
});

describe("links between the documents", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
    ["docs", "examples"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".md"))
        .map((path) => join(folder, path)),
    ),
  );
  for (const document of documents) {
    it(`lead somewhere in ${document}`, () => {
      for (const [, target = ""] of read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(document), target)), `${document} links to ${target}`);
      }
    });
  }
});
