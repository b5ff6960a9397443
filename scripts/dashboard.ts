// Builds the pages of the dashboard into dist/dashboard/. Does nothing where they were made from the same sources.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundleDashboard } from "./dashboard-bundle.ts";
import { hashFiles, listFiles } from "./hash-files.ts";
import { collectLicenses } from "./licenses.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "dist", "dashboard");
const stamp = join(target, ".build-hash");

const wanted = hashSources();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const { files, sources } = await bundleDashboard("dashboard/main.tsx");
  const licenses = Buffer.from(collectLicenses(root, sources));
  writeFiles(new Map([...files, ["THIRD-PARTY-LICENSES.txt", licenses]]));
  writeFileSync(stamp, wanted);
  process.stderr.write("busbar: built dist/dashboard/\n");
}

function hashSources(): string {
  return hashFiles(root, [
    "package-lock.json",
    "scripts/dashboard.ts",
    "scripts/dashboard-bundle.ts",
    ...["dashboard", "src"].flatMap((folder) => listFiles(root, folder)),
  ]);
}

/**
 * Each beside its compressed twins: a server compresses nothing while somebody waits. Names of files that others need
 * are written before the page that names them, and what it named before goes last.
 */
function writeFiles(files: ReadonlyMap<string, Uint8Array>): void {
  const written = new Set<string>();
  for (const [name, contents] of files) {
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    put(path, contents);
    if (path.endsWith(".txt")) continue;
    put(`${path}.br`, brotliCompressSync(contents, quality));
    put(`${path}.gz`, gzipSync(contents, { level: 9 }));
  }
  for (const path of listFiles(root, relative(root, target))) {
    if (!written.has(join(root, path)) && join(root, path) !== stamp) rmSync(join(root, path), { force: true });
  }

  function put(path: string, contents: Uint8Array): void {
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
    written.add(path);
  }
}
