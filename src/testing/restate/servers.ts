import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Addresses, countMetadataServers, isUp, knows, reachesAll, waitFor } from "./answers.ts";
import { restateBinary } from "./binary.ts";
import { clusterConfig, type RestateConfig, SMALL } from "./config.ts";
import { addressOf, type RestateNode, startNode } from "./node.ts";
import { findPorts } from "./ports.ts";

export interface RestateOptions {
  /** One server, or a cluster of three that keeps whatever is written twice and its metadata three times. */
  readonly nodes: 1 | 3;
  /** Of every node; what is here wins over what tests have otherwise (`SMALL` in config.ts). */
  readonly config?: RestateConfig;
}

/** Servers of Restate with a temporary folder; the addresses are those of the first node. */
export interface RestateServers extends Addresses {
  readonly nodes: readonly RestateNode[];
  /**
   * Waits until every node answers and each knows a leader of every partition.
   *
   * @throws Error after 30 s, with what the nodes have said
   */
  ready(): Promise<void>;
  /** Waits until every node knows a service, by its name, that was registered at one of them. */
  known(service: string): Promise<void>;
  /** Kills them and removes what they have stored. */
  close(): Promise<void>;
}

/**
 * Starts servers on ports of 127.0.0.1 that are free, and waits until they are ready.
 *
 * @throws Error where the binary is missing (`requireRestate` skips such tests), or the servers are not ready after 30 s
 */
export async function startRestate({ nodes: count, config = {} }: RestateOptions): Promise<RestateServers> {
  const binary = restateBinary();
  if (binary === undefined) throw new Error("no restate-server: npm run campaign:cluster installs it");
  const folder = mkdtempSync(join(tmpdir(), "busbar-restate-"));
  const nodes: RestateNode[] = [];
  const servers: RestateServers = {
    get ingress() {
      return firstOf(nodes).ingress;
    },
    get admin() {
      return firstOf(nodes).admin;
    },
    nodes,
    ready: () => waitForAll("is ready", nodes, (node) => isReady(node, nodes.length)),
    known: (service) => waitForAll(`knows ${service}`, nodes, (node) => knows(node, service)),
    async close() {
      await Promise.all(nodes.map((node) => node.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    const ports = await findPorts(3 * count);
    const fabric = ports.slice(2 * count);
    for (const [index, port] of fabric.entries()) {
      const [ingress = 0, admin = 0] = ports.slice(2 * index);
      const name = `node-${index + 1}`;
      const several = count === 1 ? {} : clusterConfig(fabric.map(addressOf), index);
      const setup = { binary, folder: join(folder, name), name, ports: { ingress, admin, fabric: port } };
      nodes.push(await startNode({ ...setup, config: { ...SMALL, ...several, ...config } }));
    }
    await servers.ready();
  } catch (error) {
    await servers.close();
    throw error;
  }
  return servers;
}

async function isReady(node: RestateNode, count: number): Promise<boolean> {
  return (await isUp(node)) && (await countMetadataServers(node)) === count && (await reachesAll(node));
}

function waitForAll(
  what: string,
  nodes: readonly RestateNode[],
  holds: (node: RestateNode) => Promise<boolean>,
): Promise<void> {
  const all = async () => (await Promise.all(nodes.map(holds))).every(Boolean);
  return waitFor(`every node ${what}`, all, () => nodes.map((node) => node.findEnd()).find((end) => end !== undefined));
}

function firstOf(nodes: readonly RestateNode[]): RestateNode {
  const [first] = nodes;
  if (first === undefined) throw new Error("there is no node");
  return first;
}
