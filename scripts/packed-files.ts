// `npm pack` and `npm publish` take package.json and README.md from the disk, and what users of the package need is not
// what a clone needs. This puts the one in the place of the other while npm packs, and back again.
// Usage: node scripts/packed-files.ts [--restore]   (npm runs both: prepack, postpack)
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIN_NODE_MAJOR } from "../src/cli/node-version.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The files of the clone, while others stand in their place. */
const KEPT = join(root, ".pack");

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
export function packReadme(readme: string, { files }: Manifest): string {
  const isPacked = (path: string): boolean => files.some((each) => path === each || path.startsWith(`${each}/`));
  return readme
    .replace(/^(# .*\n)/, "$1\nPaths are those of the package: `node_modules/busbar/…` where it is installed.\n")
    .replaceAll(/\[([^\]]+)\]\((?![a-z]+:|#)([^)#]+)(?:#[^)]*)?\)/g, (_, text: string, target: string) => {
      const path = target.replace(/\/$/, "");
      const where = `\`${target}\`${isPacked(path) ? "" : " in the source"}`;
      return text === target ? where : `${text} (${where})`;
    });
}

function packAll(): ReadonlyMap<string, { readonly original: string; readonly packed: string }> {
  // Of a packing that was killed, the originals.
  const read = (name: string): string =>
    readFileSync(existsSync(join(KEPT, name)) ? join(KEPT, name) : join(root, name), "utf8");
  const manifestText = read("package.json");
  const manifest = JSON.parse(manifestText) as Manifest;
  const readme = read("README.md");
  return new Map([
    ["package.json", { original: manifestText, packed: `${JSON.stringify(packManifest(manifest), undefined, 2)}\n` }],
    ["README.md", { original: readme, packed: packReadme(readme, manifest) }],
  ]);
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
    for (const [name, { original }] of files) writeFileSync(join(KEPT, name), original);
    for (const [name, { packed }] of files) writeFileSync(join(root, name), packed);
  }
}
