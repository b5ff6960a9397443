// The built command line, made anew when it is missing or older than its source.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "dist", "busbar.mjs");

/**
 * @returns the path of dist/busbar.mjs
 * @throws Error where the build fails; its own words are on stderr
 */
export function ensureBuilt(): string {
  if (isCurrent()) return bin;
  const npm = process.env.npm_execpath;
  const [command, args] =
    npm === undefined
      ? [process.platform === "win32" ? "npm.cmd" : "npm", ["run", "--silent", "build"]]
      : [process.execPath, [npm, "run", "--silent", "build"]];
  process.stderr.write("busbar: building (once; later calls skip this)\n");
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: npm === undefined && process.platform === "win32",
  });
  if (result.status !== 0) throw new Error("the build failed");
  return bin;
}

function isCurrent(): boolean {
  const built = modifiedAt(bin);
  const sources = ["src", "dashboard"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(tsx?|css|html)$/.test(path) && !path.includes(".test."))
      .map((path) => join(root, folder, path)),
  );
  return [join(root, "package.json"), ...sources].every((path) => modifiedAt(path) < built);
}

/** 0 where nothing is there. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
