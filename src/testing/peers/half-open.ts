// Peers that have gone without a word: no FIN, no reset, no answer.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

export interface StandingPeer {
  readonly address: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A pipeline service in a process of its own, which can be made to stand still, connections and all. */
export interface StoppablePeer extends StandingPeer {
  stop(): void;
  goOn(): void;
}

const KIT = new URL("../../service/index.ts", import.meta.url).href;

export async function startStoppablePeer(): Promise<StoppablePeer> {
  const { child, peer } = await startProcess(`
    import { serve } from ${JSON.stringify(KIT)};
    const log = { info() {}, warn() {}, error() {}, with: () => log };
    const service = await serve({ name: "stoppable", port: 0, signals: [], log, execute: async () => "done" });
    console.log(service.address);
  `);
  return { ...peer, stop: () => void child.kill("SIGSTOP"), goOn: () => void child.kill("SIGCONT") };
}

/** Listens, and its queue is full: a packet that asks for a connection gets no answer. Linux only. */
export async function startFullPeer(): Promise<StandingPeer> {
  const { peer } = await startProcess(`
    import { createServer } from "node:net";
    import { writeSync } from "node:fs";
    const server = createServer();
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
      writeSync(1, "127.0.0.1:" + server.address().port + "\\n");
      // Nothing is accepted any more; the kernel takes as many as the queue holds.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  `);
  // Linux takes one more than it was told.
  const port = Number(peer.address.split(":")[1]);
  const held = [0, 1].map(() => connect(port, "127.0.0.1"));
  await Promise.all(held.map((socket) => once(socket, "connect")));
  const close = async (): Promise<void> => {
    for (const socket of held) socket.on("error", () => undefined).destroy();
    await peer.close();
  };
  return { address: peer.address, close, [Symbol.asyncDispose]: close };
}

/**
 * A process whose network is one of its own, with nothing but a loopback: `script` may drop packets there by
 * `drop(port)` and let them through again by `pass(port)`.
 * @returns what it said on stdout
 */
export async function runInOwnNetwork(script: string): Promise<string> {
  const rules = `
    import { execFileSync } from "node:child_process";
    const rule = (how, port) => execFileSync("iptables", [how, "INPUT", "-p", "tcp", "--dport", String(port), "-j", "DROP"]);
    const drop = (port) => rule("-A", port);
    const pass = (port) => rule("-D", port);
    execFileSync("ip", ["link", "set", "lo", "up"]);
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", rules + script];
  const child = spawn("unshare", ["-rn", process.execPath, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  return Buffer.concat(chunks).toString();
}

/** Whether this machine lets us: Linux, with unshare, ip and iptables, and the rights to use them. */
export function canHaveOwnNetwork(): true | undefined {
  const rule = "ip link set lo up && iptables -A INPUT -p tcp --dport 9 -j DROP";
  return spawnSync("unshare", ["-rn", "sh", "-c", rule]).status === 0 || undefined;
}

/** @param script says its address on stdout */
async function startProcess(script: string): Promise<{ readonly child: ChildProcess; readonly peer: StandingPeer }> {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [line] = await once(child.stdout, "data");
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  return { child, peer: { address: String(line).trim(), close, [Symbol.asyncDispose]: close } };
}
