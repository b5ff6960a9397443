import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dashboard, DashboardFile } from "../../ports/dashboard.ts";

const TYPES: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};
const TWINS = { ".br": "br", ".gz": "gzip" } as const;

/** Where they were built: beside the bundle, or in dist/ of the sources. */
const FOLDERS = ["dashboard/", "../../../dist/dashboard/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Reads all files of the dashboard at once, when the first is asked for. */
export function createDashboardFiles(folders: readonly string[] = FOLDERS): Dashboard {
  let files: ReadonlyMap<string, DashboardFile> | undefined;
  return {
    file(path) {
      files ??= readAll(folders.find((folder) => existsSync(join(folder, "index.html"))));
      return files.get(path);
    },
  };
}

function readAll(folder: string | undefined): ReadonlyMap<string, DashboardFile> {
  if (folder === undefined) return new Map();
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  return new Map(
    paths.flatMap((path): [string, DashboardFile][] => {
      const type = TYPES[extname(path)];
      if (type === undefined) return [];
      const identity = readFileSync(join(folder, path));
      const twins = Object.entries(TWINS)
        .filter(([ending]) => paths.includes(path + ending))
        .map(([ending, encoding]) => [encoding, readFileSync(join(folder, path + ending))] as const);
      const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
      const encodings = { identity, ...Object.fromEntries(twins) };
      return [[path, { type, encodings, etag, isImmutable: path.startsWith("assets/") }]];
    }),
  );
}
