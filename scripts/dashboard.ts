// Builds the pages of the dashboard into dist/dashboard/. Does nothing where they were made from the same sources.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { collectLicenses } from "./licenses.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "dist", "dashboard");
const stamp = join(target, ".build-hash");
/** What a browser has to have: light-dark() in styles, and what it brings. */
const TARGET = ["chrome123", "firefox120", "safari17.5"];
const ENTRY = "dashboard/main.tsx";
/** What all others build upon. */
const FIRST_STYLES = ["dashboard/styles/tokens.css", "dashboard/styles/base.css"];

/** All styles are one file, which the page names: a program that is loaded later brings none. */
const stylesApart: Plugin = {
  name: "styles-apart",
  setup(hooks) {
    hooks.onLoad({ filter: /\.css$/ }, () => ({ contents: "", loader: "js" }));
  },
};

const COMMON = {
  absWorkingDir: root,
  outdir: "dist/dashboard/assets",
  bundle: true,
  target: TARGET,
  minify: true,
  metafile: true,
  write: false,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  logLevel: "warning",
} as const satisfies BuildOptions;

const wanted = hashSources();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const programs = await build({
    ...COMMON,
    entryPoints: [ENTRY, ...workers()],
    splitting: true,
    format: "esm",
    platform: "browser",
    jsx: "automatic",
    plugins: [stylesApart],
  });
  const styles = await build({
    ...COMMON,
    entryNames: "styles-[hash]",
    stdin: { contents: styleSheet(), loader: "css", resolveDir: root },
  });
  const outputs = [...programs.outputFiles, ...styles.outputFiles];
  const files = new Map(outputs.map(({ path, contents }) => [path, contents]));
  const [style = ""] = Object.keys(styles.metafile.outputs);
  files.set(join(target, "index.html"), Buffer.from(page(programs.metafile, style)));
  const licenses = collectLicenses(root, Object.keys(programs.metafile.inputs));
  files.set(join(target, "THIRD-PARTY-LICENSES.txt"), Buffer.from(licenses));
  writeFiles(files);
  writeFileSync(stamp, wanted);
  process.stderr.write("busbar: built dist/dashboard/\n");
}

/** Files whose names say so run beside the page, each as a program of its own. */
function workers(): string[] {
  return listFiles("dashboard").filter((path) => path.endsWith("-worker.ts"));
}

function styleSheet(): string {
  const others = listFiles("dashboard")
    .filter((path) => path.endsWith(".css") && !FIRST_STYLES.includes(path))
    .sort();
  return [...FIRST_STYLES, ...others].map((path) => `@import "./${path.replaceAll("\\", "/")}";`).join("\n");
}

/** The page names what its first view needs, so that the browser asks for all of it at once. */
function page(metafile: Metafile, style: string): string {
  const [main] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === ENTRY) ?? [];
  if (main === undefined) throw new Error("the build made no program of the page");
  const url = (path: string): string => `/assets/${basename(path)}`;
  const tags = [
    `<link rel="stylesheet" href="${url(style)}" />`,
    ...staticImports(metafile, main).map((path) => `<link rel="modulepreload" href="${url(path)}" />`),
    `<script type="module" src="${url(main)}"></script>`,
    ...workerNames(metafile).map(([name, path]) => `<meta name="worker:${name}" content="${url(path)}" />`),
  ];
  return readFileSync(join(root, "dashboard", "index.html"), "utf8").replace("<!-- files -->", tags.join("\n    "));
}

/** Programs that the page starts by name (dashboard/parts/worker/worker.ts), and where they are. */
function workerNames({ outputs }: Metafile): (readonly [name: string, path: string])[] {
  return Object.entries(outputs).flatMap(([path, { entryPoint }]) =>
    entryPoint?.endsWith("-worker.ts") ? [[basename(entryPoint, ".ts"), path] as const] : [],
  );
}

function staticImports({ outputs }: Metafile, from: string, found = new Set<string>()): string[] {
  for (const { path, kind } of outputs[from]?.imports ?? []) {
    if (kind !== "import-statement" || found.has(path)) continue;
    found.add(path);
    staticImports({ outputs } as Metafile, path, found);
  }
  return [...found];
}

function hashSources(): string {
  const hash = createHash("sha256");
  const inputs = ["package-lock.json", "scripts/dashboard.ts", ...["dashboard", "src"].flatMap(listFiles)];
  for (const path of inputs.filter((path) => !path.includes(".test.")).sort()) {
    hash
      .update(`${path.replaceAll("\\", "/")}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/**
 * Each beside its compressed twins: a server compresses nothing while somebody waits. Names of files that others need
 * are written before the page that names them, and what it named before goes last.
 */
function writeFiles(files: ReadonlyMap<string, Uint8Array>): void {
  const written = new Set<string>();
  for (const [path, contents] of files) {
    mkdirSync(dirname(path), { recursive: true });
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    put(path, contents);
    if (path.endsWith(".txt")) continue;
    put(`${path}.br`, brotliCompressSync(contents, quality));
    put(`${path}.gz`, gzipSync(contents, { level: 9 }));
  }
  for (const path of listFiles(relative(root, target))) {
    if (!written.has(join(root, path)) && join(root, path) !== stamp) rmSync(join(root, path), { force: true });
  }

  function put(path: string, contents: Uint8Array): void {
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
    written.add(path);
  }
}
