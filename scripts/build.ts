// Builds dist/: the command line as one bundle that starts quickly, the library with its dependencies left outside,
// and the types. Does nothing where dist/ was made from the same sources.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { takeBuiltInModules } from "./built-in-modules.ts";
import { hashFiles, listFiles } from "./hash-files.ts";
import { inlineYamlThread } from "./inline-yaml-thread.ts";
import { collectLicenses } from "./licenses.ts";
import { withoutProtoLoader } from "./without-proto-loader.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const stamp = join(dist, ".build-hash");

const BIN = { busbar: "src/cli/bin.ts" };
/**
 * Each group of commands in one CommonJS file. Loading `run` so takes 12 ms of CPU less than from 26 ES modules (140
 * and 128 ms), and what Node keeps compiled of a file is what its commands use.
 */
const GROUPS = Object.fromEntries(
  readdirSync(join(root, "src", "cli", "groups")).map((file) => [basename(file, ".ts"), `src/cli/groups/${file}`]),
);
/** Beside the groups: what few commands need, and all of them would load. Of each package all groups have one copy. */
const APART_PACKAGES = ["yaml", "unbash", "jsonc-parser"];
const APART = {
  "yaml-thread": "src/adapters/workflow-file/yaml-thread.ts",
  ...Object.fromEntries(APART_PACKAGES.map((name) => [name, name])),
};
/** What tells an older Node that it is one, in words that Node 14 reads already. */
const GUARD = { "require-node": "src/require-node.ts" };
const LIBRARY = { index: "src/index.ts", service: "src/service/index.ts", testing: "src/testing/index.ts" };

/** In place of the groups that bin.ts imports: the files that are made of them. */
const loadGroups = (build: string): Plugin => ({
  name: "load-groups",
  setup(hooks) {
    hooks.onResolve({ filter: /^\.\/groups\// }, ({ path }) => ({ path, namespace: "groups" }));
    hooks.onLoad({ filter: /.*/, namespace: "groups" }, ({ path }) => ({
      // Not an import(): Node would look through the whole file for names that it exports.
      contents: `
        import { loadFile } from "./code-cache.ts";
        const { fileURLToPath } = process.getBuiltinModule("node:url");
        const file = loadFile(fileURLToPath(new URL("./${basename(path, ".ts")}.cjs", import.meta.url)), "${build}");
        export const { main } = file.exports;
        export const { keepCompiled } = file;`,
      loader: "js",
      resolveDir: join(root, "src", "cli"),
    }));
  },
});

const leaveApart: Plugin = {
  name: "leave-apart",
  setup(hooks) {
    hooks.onResolve({ filter: /^\.\/yaml-thread\.ts$/ }, () => ({ path: "./yaml-thread.cjs", external: true }));
    hooks.onResolve({ filter: new RegExp(`^(${APART_PACKAGES.join("|")})$`) }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path: `./${path}.cjs`, external: true },
    );
  },
};

const COMMON = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node24",
  metafile: true,
  write: false,
  logLevel: "warning",
} as const satisfies BuildOptions;
const MODULES = { format: "esm", outExtension: { ".js": ".mjs" } } as const satisfies BuildOptions;

const wanted = hashSources();
if (!isCurrent(wanted)) {
  rmSync(stamp, { force: true });
  const bin = await build({ ...COMMON, ...MODULES, entryPoints: BIN, minify: true, plugins: [loadGroups(wanted)] });
  const groups = await build({
    ...COMMON,
    format: "cjs",
    // jsonc-parser's "main" is UMD, whose require() no bundler sees through.
    mainFields: ["module", "main"],
    outExtension: { ".js": ".cjs" },
    // require() in its place: in code of node:vm it is an experiment, which Node tells the user of on stderr.
    supported: { "dynamic-import": false },
    entryPoints: { ...GROUPS, ...APART },
    minify: true,
    plugins: [withoutProtoLoader, leaveApart, inlineYamlThread],
    define: { "import.meta.url": "__url" },
    banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
  });
  // As such they are read (src/cli/code-cache.ts).
  for (const { path, contents } of groups.outputFiles) {
    if (contents.some((byte) => byte > 127)) throw new Error(`${path} has characters that are not ASCII`);
  }
  const guard = await build({ ...COMMON, ...MODULES, target: "node14", entryPoints: GUARD });
  const library = await build({
    ...COMMON,
    ...MODULES,
    // An older Node reads a file and all that it imports before it runs the first of them.
    target: "node14",
    banner: { js: 'import "./require-node.mjs";' },
    splitting: true,
    entryPoints: LIBRARY,
    packages: "external",
    plugins: [takeBuiltInModules, inlineYamlThread],
  });
  const outputs = [...guard.outputFiles, ...library.outputFiles, ...bin.outputFiles, ...groups.outputFiles];
  const files = new Map(outputs.map((file) => [file.path, file.contents]));
  const licenses = collectLicenses(root, Object.keys({ ...library.metafile.inputs, ...groups.metafile.inputs }));
  files.set(join(dist, "THIRD-PARTY-LICENSES.txt"), Buffer.from(licenses));
  emitTypes();
  writeFiles(files);
  writeFileSync(stamp, wanted);
  process.stderr.write("busbar: built dist/\n");
}
await import("./dashboard.ts");
touchBin();
linkBin();

function hashSources(): string {
  return hashFiles(root, [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "scripts/build.ts",
    "scripts/built-in-modules.ts",
    "scripts/inline-yaml-thread.ts",
    "scripts/licenses.ts",
    "scripts/without-proto-loader.ts",
    ...["src", "schema", "scripts/licenses"].flatMap((folder) => listFiles(root, folder)),
  ]);
}

function isCurrent(hash: string): boolean {
  const modules = Object.keys({ ...BIN, ...GUARD, ...LIBRARY }).map((name) => `${name}.mjs`);
  const needed = [...modules, ...Object.keys({ ...GROUPS, ...APART }).map((name) => `${name}.cjs`), "types/index.d.ts"];
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash && needed.every((f) => existsSync(join(dist, f)));
}

/** Who looks at the time of the built file sees that it is newer than its sources. */
function touchBin(): void {
  const now = new Date();
  utimesSync(join(dist, "busbar.mjs"), now, now);
}

/**
 * Makes `npx busbar` find the command in a clone. npm links the commands of dependencies only; npx would install the
 * clone into a cache of its own, and go on using what that was when it was first called.
 */
function linkBin(): void {
  const folder = join(root, "node_modules", ".bin");
  const windows = process.platform === "win32";
  const link = join(folder, windows ? "busbar.cmd" : "busbar");
  if (existsSync(link)) return;
  if (windows) writeFileSync(link, '@node "%~dp0..\\..\\dist\\busbar.mjs" %*\r\n');
  else {
    rmSync(link, { force: true });
    symlinkSync(join("..", "..", "dist", "busbar.mjs"), link);
  }
}

/**
 * Each file appears whole, and only then go those that are no longer part of it: a command that runs meanwhile,
 * or another build, finds what it needs.
 */
function writeFiles(files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(dist, { recursive: true });
  for (const [path, contents] of files) {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, contents, { mode: path.endsWith("busbar.mjs") ? 0o755 : 0o644 });
    renameSync(temporary, path);
  }
  for (const name of readdirSync(dist)) {
    if (/\.[cm]js$/.test(name) && !files.has(join(dist, name))) rmSync(join(dist, name), { force: true });
  }
}

function emitTypes(): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const result = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) throw new Error("tsc could not make the types; its words are above");
}
