// `npm pack` and `npm publish` take package.json, README.md and the other documents from the disk, and what users of the
// package need is not what a clone needs. This puts the one in the place of the other while npm packs, and back again.
// Usage: node scripts/packed-files.ts [--restore]   (npm runs both: prepack, postpack)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIN_NODE_MAJOR } from "../src/cli/node-version.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The files of the clone, while others stand in their place. */
const KEPT = join(root, ".pack");
/** A link to a file, or a picture: its text, and its path without an anchor. */
const LINK = /!?\[([^\]]+)\]\((?![a-z]+:|#)([^)#]+)(?:#[^)]*)?\)/g;

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly [key: string]: unknown;
}

/** A clone brings its own Node 24 and its tools; who installs the package brings Node, and gets no tools. */
export function packManifest(manifest: Manifest): Manifest {
  const { scripts: _, devDependencies: __, allowScripts: ___, ...kept } = manifest;
  return { ...kept, engines: { node: `>=${MIN_NODE_MAJOR}` } };
}

/**
 * A page of a registry has no files beside it that a relative link could lead to: what is in the package is named by its
 * path there, what is not is in the source.
 */
export function packReadme(readme: string, manifest: Manifest): string {
  return readme
    .replace(/^(# .*\n)/, "$1\nPaths are those of the package: `node_modules/busbar/…` where it is installed.\n")
    .replaceAll(LINK, (_, text: string, target: string) => nameFile(text, target, isPacked(target, manifest)));
}

/** Documents that are installed have their neighbours beside them, but for what is in the source alone. */
export function packDocument(path: string, document: string, manifest: Manifest): string {
  return document.replaceAll(LINK, (link, text: string, target: string) => {
    const inClone = join(dirname(path), target).replaceAll("\\", "/");
    return isPacked(inClone, manifest) ? link : nameFile(text, inClone, false);
  });
}

function isPacked(path: string, { files }: Manifest): boolean {
  return files.some((each) => path === each || path.startsWith(`${each}/`));
}

function nameFile(text: string, path: string, packed: boolean): string {
  const where = `\`${path}\`${packed ? "" : " in the source"}`;
  return text.replaceAll("`", "") === path ? where : `${text} (${where})`;
}

function packAll(): ReadonlyMap<string, { readonly original: string; readonly packed: string }> {
  // Of a packing that was killed, the originals.
  const read = (name: string): string =>
    readFileSync(existsSync(join(KEPT, name)) ? join(KEPT, name) : join(root, name), "utf8");
  const manifestText = read("package.json");
  const manifest = JSON.parse(manifestText) as Manifest;
  const documents = manifest.files.flatMap(listDocuments).filter((name) => name !== "README.md");
  const both = new Map<string, { readonly original: string; readonly packed: string }>();
  const add = (name: string, original: string, packed: string) => {
    if (packed !== original) both.set(name, { original, packed });
  };
  add("package.json", manifestText, `${JSON.stringify(packManifest(manifest), undefined, 2)}\n`);
  add("README.md", read("README.md"), packReadme(read("README.md"), manifest));
  for (const name of documents) add(name, read(name), packDocument(name, read(name), manifest));
  return both;
}

/** @param path a file or a folder of the package */
function listDocuments(path: string): readonly string[] {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat !== undefined && path.endsWith(".md") ? [path] : [];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`);
}

/** A file that somebody has mended since stays as it is. */
function restore(): void {
  for (const [name, { original, packed }] of packAll()) {
    if (readFileSync(join(root, name), "utf8") === packed) writeFileSync(join(root, name), original);
  }
  rmSync(KEPT, { recursive: true, force: true });
}

if (import.meta.main) {
  restore();
  if (!process.argv.includes("--restore")) {
    const files = packAll();
    mkdirSync(KEPT);
    for (const [name, { original }] of files) {
      mkdirSync(dirname(join(KEPT, name)), { recursive: true });
      writeFileSync(join(KEPT, name), original);
    }
    for (const [name, { packed }] of files) writeFileSync(join(root, name), packed);
  }
}
