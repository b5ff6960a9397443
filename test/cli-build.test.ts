// What `npm run build` leaves: a command line that any Node can start, a library, and its types.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { MIN_NODE_MAJOR } from "../src/cli/node-version.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "dist", "busbar.mjs");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const node = (args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}) =>
  spawnSync(process.execPath, args, { encoding: "utf8", ...options });

let folder: string;

before(() => {
  const built = node([join(root, "scripts", "build.ts")]);
  assert.equal(built.status, 0, built.stderr);
  folder = mkdtempSync(join(tmpdir(), "busbar-consumer-"));
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules", "busbar"), "junction");
  symlinkSync(join(root, "node_modules", "@types", "node"), join(folder, "node_modules", "@types", "node"), "junction");
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("the built command line", () => {
  it("prints the version of package.json", () => {
    const { status, stdout } = node([bin, "--version"]);
    assert.deepEqual([status, stdout], [0, `${manifest.version}\n`]);
  });

  it("answers --version without loading anything else", () => {
    const trace = node([bin, "--version"], { env: { ...process.env, NODE_DEBUG: "esm,module" } }).stderr;
    const loaded = [...trace.matchAll(/\/dist\/([\w.-]+\.[cm]js)/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(loaded)], ["busbar.mjs"]);
  });

  it("is a first file that Node 18 can parse, and tells an older Node in one line what it needs", () => {
    const text = readFileSync(bin, "utf8");
    assert.match(text, /^#!\/usr\/bin\/env node\n/);
    // Fails where a syntax is newer than the target.
    const older = transformSync(text, { target: "node18", format: "esm", minify: true });
    const same = transformSync(text, { target: "esnext", format: "esm", minify: true });
    assert.equal(older.code, same.code);
    // What this Node says it is can be replaced before the file runs.
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})`;
    const { status, stdout, stderr } = node(["--import", pretend, bin, "run", "workflow.yaml"]);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^NODE_TOO_OLD: busbar .* needs Node\.js 24 or newer, this is 20\.20\.2\. Install .*\n$/);
    assert.ok(text.includes(`<${MIN_NODE_MAJOR}`));
  });

  it("works: reads JSON, YAML, and YAML so large that a thread reads it", () => {
    assert.equal(node([bin, "init"], { cwd: folder }).status, 0);
    const small = node([bin, "validate", "workflow.yaml"], { cwd: folder });
    assert.equal(small.status, 0, small.stderr);
    const large = readFileSync(join(folder, "workflow.yaml"), "utf8") + "# more\n".repeat(50_000);
    writeFileSync(join(folder, "large.yaml"), large);
    const apart = node([bin, "validate", "large.yaml"], { cwd: folder });
    assert.equal(apart.status, 0, apart.stderr);
    const schema = node([bin, "schema"]);
    assert.deepEqual(
      JSON.parse(schema.stdout),
      JSON.parse(readFileSync(join(root, "schema", "workflow.schema.json"), "utf8")),
    );
  });

  it("loads nothing but files beside it: none of a package is left to be found", () => {
    const dist = join(root, "dist");
    const files = readdirSync(dist).filter((name) => name.endsWith(".cjs"));
    const found = files.flatMap((file) => {
      const text = readFileSync(join(dist, file), "utf8");
      return [...text.matchAll(/(?<![\w.])\w+\("(\.{1,2}\/[^"]*)"\)/g)].map(([, path = ""]) => path);
    });
    const loaded = [...new Set(found)].sort();
    assert.deepEqual(loaded, ["./jsonc-parser.cjs", "./unbash.cjs", "./yaml-thread.cjs", "./yaml.cjs"]);
    for (const path of loaded) assert.ok(existsSync(join(dist, path)), path);
    assert.deepEqual(
      files.filter((file) => !loaded.includes(`./${file}`)),
      ["control.cjs", "drive.cjs", "files.cjs", "look.cjs", "serve.cjs", "server.cjs", "worker.cjs"],
    );
    const withSdk = files.filter((file) => readFileSync(join(dist, file), "utf8").includes("request signatures"));
    assert.deepEqual(withSdk, ["worker.cjs"], "Restate's SDK takes long to load");
  });

  it("loads what speaks HTTP only where a server or a cluster is spoken to", () => {
    const hook = join(folder, "loaded.cjs");
    writeFileSync(
      hook,
      `process.on("exit", () => {
        const loaded = process.moduleLoadList.filter((name) => /NativeModule (_http|https?$)/.test(name));
        require("node:fs").writeSync(2, "loaded: " + loaded.length + "\\n");
      });`,
    );
    const loads = (...args: string[]): boolean => {
      const { stderr } = node(["--require", hook, bin, ...args], { cwd: folder });
      const count = /^loaded: (\d+)$/m.exec(stderr)?.[1];
      assert.ok(count !== undefined, stderr);
      return count !== "0";
    };
    for (const args of [["runs"], ["show", "last"], ["pause", "last"], ["resume", "last"]]) {
      assert.equal(loads(...args), false, args.join(" "));
      assert.equal(loads(...args, "--server", "http://127.0.0.1:1"), true, args.join(" "));
      const restate = ["--ingress", "http://127.0.0.1:1", "--admin", "http://127.0.0.1:1"];
      assert.equal(loads(...args, "--runtime", "restate", ...restate), true, args.join(" "));
    }
  });

  it("reads large YAML, in its thread", () => {
    const containerOf = (name: string) =>
      `  ${name}:\n    input_file: /data/${"i".repeat(200)}\n    output_file: /data/o\n`;
    const names = Array.from({ length: 1500 }, (_, index) => `n${index}`);
    const services = names.map((name) => `  ${name}: localhost:50051\n`).join("");
    const text = `workflow_name: large\ncontainers:\n${names.map(containerOf).join("")}service_registry:\n${services}`;
    assert.ok(text.length > 256 * 1024);
    writeFileSync(join(folder, "large.yaml"), text);
    const { stdout, stderr } = node([bin, "validate", "large.yaml"], { cwd: folder });
    assert.match(stdout, /large\.yaml is valid: large, 1500 nodes/, stderr);
  });

  it("names the place of a mistake in JSON", () => {
    writeFileSync(join(folder, "cut.json"), '{\n  "workflow_name": "x",\n');
    const { status, stdout, stderr } = node([bin, "validate", "cut.json"], { cwd: folder });
    assert.match(stdout, /^cut\.json:3:1 error WORKFLOW_SYNTAX/m, stderr);
    assert.equal(status, 11);
  });

  it("is built again only when its sources changed", () => {
    const before = statSync(join(root, "dist", ".build-hash")).mtimeMs;
    const again = node([join(root, "scripts", "build.ts")]);
    assert.deepEqual([again.status, again.stderr], [0, ""]);
    assert.equal(statSync(join(root, "dist", ".build-hash")).mtimeMs, before);
  });

  it("carries the licences of what is bundled", () => {
    const text = readFileSync(join(root, "dist", "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of [
      "@grpc/grpc-js",
      "@bufbuild/protobuf",
      "yaml",
      "jsonc-parser",
      "get-east-asian-width",
      "@restatedev/restate-sdk",
    ]) {
      assert.ok(new RegExp(`^${name} \\d.*\\n\\n[^\\n]+`, "m").test(text), name);
    }
  });
});

describe("the library", () => {
  it("gives a consumer types that compile under strict flags, and code that runs", () => {
    writeFileSync(
      join(folder, "use.ts"),
      `import { BusbarError, createMemoryJournal, type Executor, type Journal, parseWorkflow } from "busbar";
import { serve, startDummyServer } from "busbar/service";
import { createFakeExecutor } from "busbar/testing";
const executor: Executor = createFakeExecutor();
const journal: Journal = createMemoryJournal();
const parsed = await parseWorkflow({ fileName: "w.json", text: "{}" });
const first: string | undefined = parsed.ok ? parsed.value.name : parsed.error[0]?.code;
// @ts-expect-error: types are really there
const wrong: number = first;
const service = await startDummyServer({ port: 0, signals: [] });
await service.close(0);
await journal.close();
console.log(typeof executor.execute, first, wrong, typeof serve, new BusbarError("USAGE", "x").exitCode);
`,
    );
    const config = {
      module: "nodenext",
      target: "es2024",
      strict: true,
      noEmit: true,
      types: ["node"],
      skipLibCheck: false,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: config, files: ["use.ts"] }));
    const tsc = node([join(root, "node_modules", "typescript", "bin", "tsc"), "-p", folder]);
    assert.equal(tsc.status, 0, tsc.stdout);
    const run = node([join(folder, "use.ts")], { cwd: folder });
    assert.equal(run.stdout, "function WORKFLOW_MISSING_KEY WORKFLOW_MISSING_KEY function 2\n", run.stderr);
  });

  it("ships what package.json names, and no source", () => {
    for (const entry of Object.values(manifest.exports) as (string | Record<string, string>)[]) {
      for (const path of typeof entry === "string" ? [entry] : Object.values(entry)) statSync(join(root, path));
    }
    const names = readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")),
      [],
    );
  });
});
