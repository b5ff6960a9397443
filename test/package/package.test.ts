// The package as a stranger has it: packed in a clone, installed from the tarball, and then imported, required, compiled
// against and bundled. publint and attw say what its manifest and types promise to which resolver.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { MAX_YAML_IN_PLACE } from "../../src/workflow/text/source.ts";
import { type Packed, packCopy } from "./pack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const ENTRIES = ["busbar", "busbar/service", "busbar/testing"];

let folder = "";
let packed: Packed;
/** Where the package is installed. */
let installed = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-package-"));
  packed = packCopy(folder);
  put("package.json", '{ "name": "stranger", "private": true }');
  const windows = process.platform === "win32";
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", packed.tarball];
  const { status, stderr } = spawnSync("npm", install, { cwd: folder, encoding: "utf8", shell: windows });
  assert.deepEqual([status, stderr], [0, ""]);
  installed = join(folder, "node_modules", "busbar");
});
after(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
function node(args: readonly string[], cwd = folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}
/** A tool that is installed beside this file. */
const tool = (path: string, ...args: readonly string[]) => node([join(here, "node_modules", path), ...args]);

describe("the tarball", () => {
  it("leaves the clone as it was", () => {
    for (const name of ["package.json", "README.md", "docs/guides/deploy.md"]) {
      assert.deepEqual(readFileSync(join(packed.clone, name)), readFileSync(join(root, name)), name);
    }
    assert.equal(existsSync(join(packed.clone, ".pack")), false);
  });

  it("has a manifest without scripts, tools or their settings", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    for (const key of ["scripts", "devDependencies", "allowScripts"]) assert.equal(key in manifest, false, key);
  });

  it("has a README whose every link leads somewhere from a registry's page", () => {
    const readme = readFileSync(join(installed, "README.md"), "utf8");
    for (const [, target = ""] of readme.matchAll(/\]\(([^)]*)\)/g)) assert.match(target, /^(https:\/\/|#)/);
    for (const [, path = ""] of readme.matchAll(/`((?:docs|schema|proto)\/[^`]*)`/g)) {
      assert.ok(existsSync(join(installed, path)), path);
    }
  });

  it("has documents whose every link leads to a file of the package", () => {
    const names = readdirSync(installed, { recursive: true, encoding: "utf8" });
    const documents = names.filter((name) => name.endsWith(".md") && !name.includes("node_modules"));
    assert.ok(documents.length > 20);
    for (const name of documents) {
      const text = readFileSync(join(installed, name), "utf8");
      for (const [, target = ""] of text.matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g)) {
        assert.ok(existsSync(join(installed, name, "..", target)), `${name}: ${target}`);
      }
    }
  });

  it("has the text of every licence that what is bundled asks for, and no source", () => {
    const texts = readFileSync(join(installed, "dist", "THIRD-PARTY-LICENSES.txt"), "utf8").split(/^-{80}$/m);
    for (const text of texts) {
      const [heading = "", ...rest] = text.trim().split("\n");
      assert.ok(rest.join("\n").length > 500, heading);
      for (const licence of heading.match(/Apache-2\.0|BSD-3-Clause|MIT|ISC/g) ?? ["none"]) {
        assert.match(text, WORDS[licence] ?? /(?!)/, heading);
      }
    }
    const names = readdirSync(installed, { recursive: true, encoding: "utf8" });
    const sources = names.filter((name) => /(?<!\.d)\.ts$/.test(name) && !name.includes("node_modules"));
    assert.deepEqual(sources, []);
  });

  it("pleases publint", () => {
    const { stdout } = tool("publint/src/cli.js", "run", packed.tarball, "--strict");
    assert.match(stdout, /All good!/);
    assert.doesNotMatch(stdout, /Suggestions|Warnings|Errors/);
  });

  it("has types that are right for every resolver that knows `exports`", () => {
    // .attw.json leaves out one rule: who requires an ES module gets it, on every Node that Busbar runs on.
    const config = ["--config-path", join(root, ".attw.json")];
    const { status, stdout } = tool("@arethetypeswrong/cli/dist/index.js", packed.tarball, ...config);
    assert.equal(status, 0, stdout);
    for (const entry of ENTRIES) assert.ok(stdout.includes(`"${entry}"`), stdout);
  });
});

/** Of each licence, words that none of the others has. */
const WORDS: { readonly [licence: string]: RegExp } = {
  "Apache-2.0": /TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION/,
  "BSD-3-Clause": /Redistributions in binary form must reproduce/,
  MIT: /Permission is hereby granted, free of charge/,
  ISC: /Permission to use, copy, modify, and\/or distribute/,
};

describe("the installed package", () => {
  for (const entry of ENTRIES) {
    it(`is imported and required as one and the same: ${entry}`, () => {
      const show = "for (const [name, value] of Object.entries(all).sort()) console.log(name, typeof value);";
      const imported = node(["--input-type=module", "-e", `import * as all from "${entry}"; ${show}`]);
      assert.deepEqual([imported.status, imported.stderr], [0, ""]);
      const required = node(["-e", `const all = require("${entry}"); ${show}`]);
      assert.deepEqual([required.status, required.stderr], [0, ""]);
      assert.ok(imported.stdout.split("\n").length > 2);
      assert.equal(required.stdout, imported.stdout);
    });
  }

  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    it(`has types that a strict consumer compiles with: ${moduleResolution}`, () => {
      const uses = ENTRIES.map((entry, index) => `import * as e${index} from "${entry}";\nexport { e${index} };\n`);
      put(
        "use.mts",
        `${uses.join("")}
import { openBusbar, type Busbar } from "busbar";
export const opened: Promise<Busbar> = openBusbar({ stateDir: "state" });
// @ts-expect-error: types are really there
export const wrong: number = openBusbar({ stateDir: 1 });
`,
      );
      const compilerOptions = {
        ...{ module, moduleResolution, target: "es2024", strict: true, exactOptionalPropertyTypes: true },
        ...{ noEmit: true, skipLibCheck: false, types: ["node"], typeRoots: [join(root, "node_modules", "@types")] },
      };
      put("tsconfig.json", JSON.stringify({ compilerOptions, files: ["use.mts"] }));
      const { status, stdout } = node([join(root, "node_modules", "typescript", "bin", "tsc"), "-p", folder]);
      assert.deepEqual([status, stdout], [0, ""]);
    });
  }

  it("has a command that works: a starter, its schema, and the check of both", () => {
    const busbar = (...args: readonly string[]) => node([join(installed, "dist", "busbar.mjs"), ...args]);
    assert.equal(busbar("init", "starter").status, 0);
    assert.equal(busbar("validate", "starter/workflow.yaml").status, 0);
    const schema = readFileSync(join(folder, "starter", "workflow.schema.json"), "utf8");
    assert.equal(schema, readFileSync(join(installed, "schema", "workflow.schema.json"), "utf8"));
  });
});

describe("the dashboard of the installed package", () => {
  it("is served with all files that it names, in their encodings", async () => {
    const bin = join(installed, "dist", "busbar.mjs");
    const child = spawn(process.execPath, [bin, "serve", "--port", "0", "--state-dir", "served"], { cwd: folder });
    try {
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      const url = /^READY (\S+)$/.exec(line)?.[1] ?? "";
      const page = await (await fetch(url)).text();
      const names = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
      assert.ok(names.length >= 2, page);
      for (const name of names) {
        const answer = await fetch(`${url}${name}`, { method: "HEAD", headers: { "accept-encoding": "br" } });
        assert.deepEqual([answer.status, answer.headers.get("content-encoding")], [200, "br"], name);
      }
    } finally {
      child.kill("SIGTERM");
      await once(child, "close");
    }
    const licenses = readFileSync(join(installed, "dist", "dashboard", "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["react", "react-dom", "scheduler"]) assert.match(licenses, new RegExp(`^${name} \\d`, "m"));
  });
});

/** Runs a workflow of each size, and finds what is wrong in a large one. */
const PROGRAM = `
import { openBusbar } from "busbar";
import { serve } from "busbar/service";
const [stateDir, ...files] = process.argv.slice(2);
void (async () => {
  const service = await serve({ name: "one", port: 0, execute: () => "done", signals: [] });
  const busbar = await openBusbar({ stateDir, env: () => undefined });
  for (const file of files) {
    const read = await busbar.readWorkflow(file);
    if (!read.ok) { console.log(read.diagnostics[0].line, read.diagnostics[0].code); continue; }
    const { runId } = await busbar.start({ definition: read.definition, params: { address: service.address } });
    console.log((await busbar.wait(runId)).type);
  }
  await busbar.close();
  await service.close(0);
})();
`;
const SMALL = `workflow_name: w
params: { address: {} }
start_node: one
service_registry: { one: "\${params.address}" }
containers:
  one: { input_file: a, output_file: b }
`;
const LARGE = `${`# ${"-".repeat(100)}\n`.repeat(MAX_YAML_IN_PLACE / 100)}${SMALL}`;
const WRONG = LARGE.replace("start_node: one", "start_node: two");

/** @param app a program of this text, in any form */
function assertRuns(app: string, cwd: string): void {
  const texts = { "small.yaml": SMALL, "large.yaml": LARGE, "wrong.yaml": WRONG };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(cwd, name), text);
  const { status, stdout, stderr } = node([app, "state", ...Object.keys(texts)], cwd);
  const line = WRONG.slice(0, WRONG.indexOf("start_node")).split("\n").length;
  const expected = `run.succeeded\nrun.succeeded\n${line} WORKFLOW_UNKNOWN_NODE\n`;
  assert.deepEqual([status, stdout], [0, expected], stderr.slice(-2000));
}

describe("a program that uses the package", () => {
  it("serves, runs, and reads YAML of any size as it is", () => assertRuns(put("app.mjs", PROGRAM), folder));

  /** docs/guides/embed.md: packages that are CommonJS ask for `require`. */
  const guide = readFileSync(join(root, "docs", "guides", "embed.md"), "utf8");
  const banner = { js: /--banner:js='([^']+)'/.exec(guide)?.[1] ?? "" };
  const forms: { readonly [title: string]: BuildOptions } = {
    "as CommonJS, with no settings": { format: "cjs" },
    "as an ES module, with the banner of the guide": { format: "esm", banner, outExtension: { ".js": ".mjs" } },
    "as an ES module in pieces": { format: "esm", banner, outExtension: { ".js": ".mjs" }, splitting: true },
  };
  for (const [title, options] of Object.entries(forms)) {
    it(`does so from a bundle that is moved away from all it was made of: ${title}`, async () => {
      const entryPoints = [put("app.ts", PROGRAM)];
      const common = { absWorkingDir: folder, bundle: true, platform: "node", minify: true, write: false } as const;
      const { outputFiles = [] } = await build({ ...common, ...options, entryPoints, outdir: join(folder, "out") });
      assert.ok(options.splitting ? outputFiles.length > 1 : outputFiles.length === 1);
      const alone = mkdtempSync(join(tmpdir(), "busbar-bundle-"));
      try {
        for (const { path, contents } of outputFiles) writeFileSync(join(alone, basename(path)), contents);
        assertRuns(join(alone, options.format === "esm" ? "app.mjs" : "app.js"), alone);
      } finally {
        rmSync(alone, { recursive: true, force: true });
      }
    });
  }
});
