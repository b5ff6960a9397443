// An image for tests that is made on the spot.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerPeer, docker } from "./engine.ts";

export interface TestImage {
  readonly tag: string;
  remove(): void;
}

/**
 * Imports a small image: busybox under all its names in /bin, and an empty /tmp. Under a tag
 * of its own, so that several test processes do not remove each other's.
 */
export function busyboxImage({ busybox }: Pick<DockerPeer, "busybox">): TestImage {
  const folder = mkdtempSync(join(tmpdir(), "busbar-image-"));
  const tag = `busbar-test:${process.pid}-${folder.slice(-6).toLowerCase()}`;
  try {
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "tmp"));
    chmodSync(join(folder, "tmp"), 0o1777);
    copyFileSync(busybox, join(folder, "bin/busybox"));
    chmodSync(join(folder, "bin/busybox"), 0o755);
    const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n");
    for (const applet of applets)
      if (applet !== "" && applet !== "busybox") symlinkSync("busybox", join(folder, "bin", applet));
    const tar = execFileSync("tar", ["-c", "--owner=0", "--group=0", "-C", folder, "."], { maxBuffer: 2 ** 26 });
    docker(["import", "--change=ENV PATH=/bin", "-", tag], tar);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tag, remove: () => void docker(["image", "rm", "--force", tag]) };
}
