// The peer `docker`: a container engine that answers, and an image for it that is made on the spot.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Peer, requirePeer } from "./require.ts";

export interface DockerPeer {
  /** Version of the engine. */
  readonly version: string;
  /** A static busybox on this machine: all that the image holds. */
  readonly busybox: string;
}

export interface TestImage {
  readonly tag: string;
  remove(): void;
}

export interface TestContainer {
  readonly id: string;
  readonly name: string;
  /** `created`, `running`, `exited`, … */
  readonly status: string;
  readonly labels: { readonly [name: string]: string };
}

/** The engine that DOCKER_HOST, or else the client's own configuration, leads to. */
export function requireDocker(): Peer<DockerPeer> {
  return requirePeer("docker", probe, "no container engine answers (or there is no static busybox for its image)");
}

function probe(): DockerPeer | undefined {
  const busybox = process.env.BUSBAR_BUSYBOX ?? "/bin/busybox";
  if (!isStatic(busybox)) return undefined;
  const asked = spawnSync("docker", ["version", "--format={{.Server.Version}}"], { encoding: "utf8", timeout: 10_000 });
  return asked.status === 0 ? { version: asked.stdout.trim(), busybox } : undefined;
}

/** Whether it is a 64-bit little-endian ELF program without an interpreter (PT_INTERP, 3): one that runs alone. */
function isStatic(path: string): boolean {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch {
    return false;
  }
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2) return false;
  const headers = Number(file.readBigUInt64LE(32));
  const [size, count] = [file.readUInt16LE(54), file.readUInt16LE(56)];
  return !Array.from({ length: count }, (_, index) => file.readUInt32LE(headers + index * size)).includes(3);
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

/** The containers, running or not, with this label: `busbar.run=run-1`, or a name alone. */
export function listContainers(label: string): readonly TestContainer[] {
  const ids = docker(["ps", "--all", "--quiet", "--no-trunc", `--filter=label=${label}`])
    .split(/\s+/)
    .filter(Boolean);
  if (ids.length === 0) return [];
  // Some may have gone since they were listed; the client tells those that it finds.
  const inspected = spawnSync("docker", ["container", "inspect", ...ids], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const found: readonly InspectedJson[] = JSON.parse(inspected.stdout);
  return found.map(({ Id, Name, State, Config }) => ({
    id: Id,
    name: Name.slice(1),
    status: State.Status,
    labels: Config.Labels,
  }));
}

interface InspectedJson {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Labels: TestContainer["labels"] };
}

/** By force, running or not, with their anonymous volumes. */
export function removeContainers(ids: readonly string[]): void {
  if (ids.length > 0) docker(["rm", "--force", "--volumes", ...ids]);
}

/** What the client printed. @throws Error where it failed, with what it said */
export function docker(args: readonly string[], input?: Buffer): string {
  return execFileSync("docker", args, { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });
}

/** A running process whose command line holds all the words. Linux only. */
export function findProcess(...words: readonly string[]): number | undefined {
  return commandLines().find(({ line }) => words.every((word) => line.includes(word)))?.pid;
}

/** What anybody on the machine can see of its processes. Linux only. */
export function commandLines(): readonly { readonly pid: number; readonly line: readonly string[] }[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return [{ pid: Number(entry), line: readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0") }];
    } catch {
      return [];
    }
  });
}
