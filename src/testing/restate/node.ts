import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Addresses, isUp, waitFor } from "./answers.ts";
import { type RestateConfig, toToml } from "./config.ts";
import { isRunning, killServer, startServer } from "./process.ts";

/** A server of Restate: a whole one, or one of three. Its addresses stay the same. */
export interface RestateNode extends Addresses {
  /** Of the process that was started last. */
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. The others of three take over within 5 s. */
  kill(): Promise<void>;
  /** SIGSTOP: it is there and does nothing, which the others of three find out within half a minute. */
  stop(): void;
  /** SIGCONT. */
  cont(): void;
  /** Again, on what it has stored; resolves when it answers, which is before its partitions have a leader. */
  start(): Promise<void>;
  /** What it has said, of all its processes: warnings and errors. */
  log(): string;
  /** That its process has ended, with what it has said. */
  findEnd(): string | undefined;
}

export interface NodeSetup {
  readonly binary: string;
  readonly folder: string;
  readonly name: string;
  readonly ports: NodePorts;
  readonly config: RestateConfig;
}

export interface NodePorts {
  readonly ingress: number;
  readonly admin: number;
  /** Between nodes. */
  readonly fabric: number;
}

/** Starts a server; does not wait until it answers. */
export async function startNode({ binary, folder, name, ports, config }: NodeSetup): Promise<RestateNode> {
  mkdirSync(folder);
  const file = join(folder, "config.toml");
  const logFile = join(folder, "log");
  const urls = { ingress: addressOf(ports.ingress), admin: addressOf(ports.admin) };
  writeFileSync(file, toToml({ ...addressesOf(ports), "node-name": name, ...config }));
  const args = ["--no-logo", "--base-dir", join(folder, "data"), "--config-file", file];
  const run = () => startServer(binary, args, logFile);
  let child: ChildProcess = await run();
  const log = () => readFileSync(logFile, "utf8");
  const findEnd = () => (isRunning(child) ? undefined : `${name} has ended:\n${log()}`);
  return {
    ...urls,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => killServer(child),
    stop: () => void child.kill("SIGSTOP"),
    cont: () => void child.kill("SIGCONT"),
    async start() {
      if (isRunning(child)) throw new Error(`${name} runs`);
      child = await run();
      await waitFor(`${name} answers`, () => isUp(urls), findEnd);
    },
    log,
    findEnd,
  };
}

export function addressOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function addressesOf({ ingress, admin, fabric }: NodePorts): RestateConfig {
  return {
    "bind-address": `127.0.0.1:${fabric}`,
    "advertised-address": addressOf(fabric),
    "ingress.bind-address": `127.0.0.1:${ingress}`,
    "ingress.advertised-address": addressOf(ingress),
    "admin.bind-address": `127.0.0.1:${admin}`,
    "admin.advertised-address": addressOf(admin),
  };
}
