// What `npm pack` makes of a clone: in a copy of this one, since packing puts other files in the place of some while it goes on.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeClone } from "../clone.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Packed {
  /** The copy of the clone that was packed. */
  readonly clone: string;
  readonly tarball: string;
}

/** @param folder where the copy and the tarball are put; it is there */
export function packCopy(folder: string): Packed {
  // So that the copy has nothing left to build.
  run(process.execPath, [join(root, "scripts", "build.ts")], root);
  const clone = join(folder, "clone");
  makeClone(clone);
  cpSync(join(root, "dist"), join(clone, "dist"), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"), "junction");
  const packed = run("npm", ["pack", "--json", "--pack-destination", folder], clone, process.platform === "win32");
  return { clone, tarball: join(folder, JSON.parse(packed)[0].filename) };
}

/** Puts a package where npm would, without asking a registry: its dependencies are those of this clone. */
export function unpack({ tarball }: Packed, folder: string, dependencies: readonly string[]): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "busbar"), { recursive: true });
  run("tar", ["-xzf", tarball, "-C", join(modules, "busbar"), "--strip-components", "1"], folder);
  for (const name of dependencies) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  }
}

function run(program: string, args: readonly string[], cwd: string, shell = false): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", shell, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}
