// An engine of a test's own, to be killed and started again. Linux, as root, with dockerd installed.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { unmountBelow } from "../mounts.ts";
import { findProgram } from "../processes.ts";

export interface OwnEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  start(): Promise<void>;
  /** With SIGKILL. What runs in containers goes on. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Why there can be none here. */
export function ownEngineSkip(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "an engine of its own needs root on Linux";
  return findProgram("dockerd") === undefined && "dockerd is not installed";
}

/** Containerd is a process of its own, which outlives the engine. */
export async function createOwnEngine(options: readonly string[]): Promise<OwnEngine> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-engine-"));
  const log = openSync(join(folder, "log"), "a");
  const begin = (program: string, args: readonly string[]): ChildProcess =>
    spawn(program, args, { stdio: ["ignore", log, log] });
  const containerd = begin("containerd", [
    ...["--address", join(folder, "containerd.sock"), "--root", join(folder, "root"), "--state", join(folder, "state")],
  ]);
  const host = `unix://${join(folder, "docker.sock")}`;
  let dockerd: ChildProcess | undefined;

  async function end(process: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    process.kill(signal);
    await once(process, "exit");
  }

  return {
    host,
    async start() {
      rmSync(join(folder, "pid"), { force: true });
      dockerd = begin("dockerd", [
        ...["--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none"],
        ...[`--data-root=${join(folder, "data")}`, `--exec-root=${join(folder, "exec")}`],
        ...[`--pidfile=${join(folder, "pid")}`, `--host=${host}`, `--containerd=${join(folder, "containerd.sock")}`],
        ...options,
      ]);
      while (spawnSync("docker", [`--host=${host}`, "version"]).status !== 0) {
        if (dockerd.exitCode !== null) throw new Error(`dockerd ended with exit code ${dockerd.exitCode}`);
        await setTimeout(100);
      }
    },
    kill: () => end(dockerd, "SIGKILL"),
    async close() {
      await end(dockerd, "SIGTERM");
      await end(containerd, "SIGTERM");
      // An engine that was killed leaves what it has mounted.
      unmountBelow(folder);
      closeSync(log);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
