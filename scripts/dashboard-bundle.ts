// The files of the dashboard, or of another page made of its parts: programs, workers, styles, and the page that names
// them.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "dist", "dashboard");
/** What a browser has to have: light-dark() in styles, and what it brings. */
const TARGET = ["chrome123", "firefox120", "safari17.5"];
/** A classic script, for which the browser waits before it paints. */
const FIRST_PROGRAM = "dashboard/document/first-theme.ts";
/** The page at `/`. */
const HOME = "runs";
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

/** Files by their path under dist/dashboard, and the sources that they were made of. */
export interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly sources: readonly string[];
}

/** @param entry the program of the page: "dashboard/main.tsx" */
export async function bundleDashboard(entry: string): Promise<Bundle> {
  const programs = await build({
    ...COMMON,
    entryPoints: [entry, ...workers()],
    splitting: true,
    format: "esm",
    platform: "browser",
    jsx: "automatic",
    plugins: [stylesApart],
  });
  const first = await build({ ...COMMON, entryPoints: [FIRST_PROGRAM], format: "iife", platform: "browser" });
  const styles = await build({
    ...COMMON,
    entryNames: "styles-[hash]",
    stdin: { contents: styleSheet(), loader: "css", resolveDir: root },
  });
  const outputs = [programs, first, styles].flatMap(({ outputFiles }) => outputFiles);
  const files = new Map(outputs.map(({ path, contents }) => [relative(target, path), contents]));
  const before = [first, styles].map(({ metafile }) => Object.keys(metafile.outputs)[0] ?? "");
  for (const [name, html] of pages(programs.metafile, entry, before)) files.set(name, Buffer.from(html));
  return { files, sources: Object.keys(programs.metafile.inputs) };
}

/** Files whose names say so run beside the page, each as a program of its own. */
function workers(): string[] {
  return dashboardFiles().filter((path) => path.endsWith("-worker.ts"));
}

function styleSheet(): string {
  const others = dashboardFiles()
    .filter((path) => path.endsWith(".css") && !FIRST_STYLES.includes(path))
    .sort();
  return [...FIRST_STYLES, ...others].map((path) => `@import "./${path.replaceAll("\\", "/")}";`).join("\n");
}

/**
 * One for each page of the dashboard. It names what its first view needs, the page that is loaded when it is shown among
 * it, so that the browser asks for all of it at once.
 */
function pages(
  metafile: Metafile,
  entry: string,
  before: readonly string[],
): (readonly [name: string, html: string])[] {
  const main = outputOf(metafile, entry);
  const lazy = (metafile.outputs[main]?.imports ?? [])
    .filter(({ kind }) => kind === "dynamic-import")
    .flatMap(({ path }) => {
      const name = /(\w+)-page\.tsx$/.exec(metafile.outputs[path]?.entryPoint ?? "")?.[1];
      return name === undefined ? [] : [[name === HOME ? "index.html" : `${name}.html`, path] as const];
    });
  if (lazy.length === 0) return [["index.html", page(metafile, [main], before)]];
  return lazy.map(([name, path]) => [name, page(metafile, [main, path], before)]);
}

function outputOf({ outputs }: Metafile, entry: string): string {
  const [path] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
  if (path === undefined) throw new Error(`the build made no program of ${entry}`);
  return path;
}

/** @param needed the program of the page, and what it loads first */
function page(
  metafile: Metafile,
  [main = "", ...loaded]: readonly string[],
  [first = "", style = ""]: readonly string[],
) {
  const url = (path: string): string => `/assets/${basename(path)}`;
  const needed = new Set([main, ...loaded].flatMap((path) => [path, ...staticImports(metafile, path)]));
  needed.delete(main);
  const tags = [
    `<script src="${url(first)}"></script>`,
    `<link rel="stylesheet" href="${url(style)}" />`,
    ...[...needed].map((path) => `<link rel="modulepreload" href="${url(path)}" />`),
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

function dashboardFiles(): string[] {
  return readdirSync(join(root, "dashboard"), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(root, join(file.parentPath, file.name)));
}
