// The peer `docker`: a container engine that answers.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Peer, requirePeer } from "../require.ts";

export interface DockerPeer {
  /** Version of the engine. */
  readonly version: string;
  /** A static busybox on this machine: all that the image of tests holds. */
  readonly busybox: string;
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

/** Compose 2, the plugin; its predecessor knows less than the guides say. @returns its version */
export function requireCompose(): Peer<string> {
  const find = (): string | undefined => {
    const { status, stdout } = spawnSync("docker", ["compose", "version", "--short"], { encoding: "utf8" });
    return status === 0 && /^v?([2-9]|\d\d)\./.test(stdout) ? stdout.trim() : undefined;
  };
  return requirePeer("compose", find, "there is no Compose 2 (docker compose)");
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

/** What the client printed. @throws Error where it failed, with what it said */
export function docker(args: readonly string[], input?: Buffer): string {
  return execFileSync("docker", args, { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });
}
