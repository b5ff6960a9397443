// Small and read-only file systems, for tests of what a full disk or a read-only directory does.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Why mounting is not possible here, for `it`'s skip. Only root on Linux can, and not in every container. */
export function mountSkip(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "mounting needs root on Linux";
  const folder = mkdtempSync(join(tmpdir(), "busbar-mount-"));
  try {
    run("mount", ["-t", "tmpfs", "tmpfs", folder]);
    run("umount", [folder]);
    return false;
  } catch {
    return "this machine allows no mounts";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the action with an empty disk of so many megabytes at a new folder beside `path`. */
export async function withSmallDisk(
  path: string,
  megabytes: number,
  action: (disk: string, resize: (megabytes: number) => void) => Promise<void>,
): Promise<void> {
  const disk = makeFolder(path, "disk");
  run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk]);
  try {
    await action(disk, (size) => run("mount", ["-o", `remount,size=${size}m`, disk]));
  } finally {
    run("umount", ["-l", disk]);
  }
}

/** Unmounts all that somebody left mounted in a folder. */
export function unmountBelow(folder: string): void {
  const mounted = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounted.reverse()) if (path.startsWith(`${folder}/`)) run("umount", ["-l", path]);
}

/** Not a byte is left afterwards. */
export function fillDisk(disk: string): void {
  const filler = openSync(join(disk, "filler"), "w");
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096, 1));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
  } finally {
    closeSync(filler);
  }
}

/** Runs the action with a second, read-only view of the folder, beside it. */
export async function withReadOnly(folder: string, action: (view: string) => Promise<void>): Promise<void> {
  const view = makeFolder(folder, "view");
  run("mount", ["--bind", folder, view]);
  try {
    run("mount", ["-o", "remount,bind,ro", view]);
    await action(view);
  } finally {
    run("umount", ["-l", view]);
  }
}

/** Runs the action while another, empty file system hides what lies in the folder. */
export async function withMountOver(folder: string, action: () => Promise<void>): Promise<void> {
  run("mount", ["-t", "tmpfs", "tmpfs", folder]);
  try {
    await action();
  } finally {
    run("umount", ["-l", folder]);
  }
}

function makeFolder(path: string, name: string): string {
  const folder = join(dirname(path), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: "ignore" });
}
