// The image that deploy/images/Dockerfile starts from, for machines that reach no registry: this machine's own Node 24
// and the libraries it is linked with, each at its place in the official image.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCKERFILE = fileURLToPath(new URL("../../../deploy/images/Dockerfile", import.meta.url));
const NODE = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));
const LICENSES = ["usr/local/LICENSE", "usr/share/doc/libc6/copyright", "usr/share/doc/gcc-12-base/copyright"];

export interface BaseImage {
  readonly tag: string;
  /** Removes the image if it was made here. */
  remove(): void;
}

/**
 * Makes the image if the engine does not have it.
 * @param tag that of deploy/images/Dockerfile if left out
 */
export async function ensureBaseImage(
  engine = "docker",
  tag = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(DOCKERFILE, "utf8"))?.[1],
): Promise<BaseImage> {
  if (tag === undefined) throw new Error(`${DOCKERFILE} names no image for Node`);
  if (spawnSync(engine, ["image", "inspect", tag], { stdio: "ignore" }).status === 0) return { tag, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "busbar-rootfs-"));
  try {
    layOut(folder);
    await importFolder(engine, folder, tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tag, remove: () => void execFileSync(engine, ["image", "rm", tag], { stdio: "ignore" }) };
}

/** As Debian does, /lib and /lib64 are links into /usr. */
function layOut(folder: string): void {
  const place = (path: string): string => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  };
  // A temporary folder is its owner's only; this one becomes the root of everybody.
  chmodSync(folder, 0o755);
  copyFileSync(NODE, place("usr/local/bin/node"));
  const libraries = `usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  for (const library of librariesOf(NODE)) {
    const real = realpathSync(library);
    copyFileSync(real, place(join(libraries, basename(real))));
    if (basename(real) !== basename(library)) symlinkSync(basename(real), place(join(libraries, basename(library))));
  }
  mkdirSync(join(folder, "usr/lib64"));
  // Where programs look for it.
  if (process.arch === "x64") {
    symlinkSync("../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", join(folder, "usr/lib64/ld-linux-x86-64.so.2"));
  }
  symlinkSync("usr/lib", join(folder, "lib"));
  symlinkSync("usr/lib64", join(folder, "lib64"));
  for (const path of LICENSES) writeFileSync(place(path), "The official image has the text of the licence here.\n");
}

/** What ldd names, the loader among them. */
function librariesOf(program: string): string[] {
  const lines = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...lines.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
}

/** The one is piped into the other: the root file system is too large for a buffer. */
async function importFolder(engine: string, folder: string, tag: string): Promise<void> {
  const tar = spawn("tar", ["-c", "--owner=0", "--group=0", "-C", folder, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const load = spawn(engine, ["import", "-", tag], { stdio: [tar.stdout, "ignore", "inherit"] });
  const codes = await Promise.all([once(tar, "exit"), once(load, "exit")]);
  if (codes.some(([code]) => code !== 0)) throw new Error(`${engine} import could not make ${tag}`);
}
