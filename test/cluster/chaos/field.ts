import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Admin, createAdmin } from "../../../src/adapters/restate/admin.ts";
import { createHttpTools, send } from "../../../src/adapters/restate/http.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { type OpenCluster, openCluster } from "../../../src/app/cluster.ts";
import { createShared } from "../../../src/app/shared.ts";
import { createSecrets } from "../../../src/kernel/secrets.ts";
import type { RestateConfig } from "../../../src/testing/restate/config.ts";
import { type RestateServers, startRestate } from "../../../src/testing/restate/servers.ts";
import { type Switchboard, startSwitchboard } from "../../../src/testing/switchboard.ts";
import { startWorkerProcess, type WorkerProcess } from "../workers/start.ts";

/** Servers, workers in processes of their own, and boards before all of them: what can break can be broken. */
export interface Field {
  readonly servers: RestateServers;
  readonly workers: readonly WorkerProcess[];
  readonly boards: {
    /** Before all workers; Restate knows its address. */
    readonly all: Switchboard;
    /** Between that and each worker. */
    readonly each: readonly Switchboard[];
    /** Before the ingresses and admin APIs of all nodes; the runtime knows their addresses. */
    readonly ingress: Switchboard;
    readonly admin: Switchboard;
  };
  readonly runtime: OpenCluster;
  /** By way of the board before the nodes. */
  readonly admin: Admin;
  /** Asks the admin API for what nothing else of Busbar does; the answer's body. */
  askAdmin(method: "PATCH" | "DELETE" | "GET", path: string): Promise<string>;
  /** One more, which no board and no Restate knows yet. */
  startWorker(version: string): Promise<WorkerProcess>;
  close(): Promise<void>;
}

/** What is gone is noticed within 4 s, and a connection carries few calls, so that all workers get some. */
const IMPATIENT: RestateConfig = {
  "worker.invoker.http2-keep-alive-interval": "2s",
  "worker.invoker.http2-keep-alive-timeout": "2s",
  "worker.invoker.http2-streams-per-connection-limit": 4,
  "worker.invoker.connect-timeout": "2s",
};

export interface FieldOptions {
  readonly nodes: 1 | 3;
  readonly workers: number;
  readonly config?: RestateConfig;
  readonly connectionMs?: number;
}

export async function startField({ nodes, workers: count, config = {}, ...settings }: FieldOptions): Promise<Field> {
  const folder = mkdtempSync(join(tmpdir(), "busbar-field-"));
  const servers = await startRestate({ nodes, config: { ...IMPATIENT, ...config } });
  const workers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startWorkerProcess(folder, `worker-${index}`, { version: "1", ...settings }),
    ),
  );
  const each = await Promise.all(workers.map(({ address }) => startSwitchboard([address])));
  const all = await startSwitchboard(each.map(({ address }) => address));
  const ingress = await startSwitchboard(servers.nodes.map((node) => new URL(node.ingress).host));
  const admin = await startSwitchboard(servers.nodes.map((node) => new URL(node.admin).host));
  const http = createHttpTools(createSystemClock());
  const api = createAdmin(`http://${admin.address}`, http);
  const more: WorkerProcess[] = [];
  const runtime = openCluster(
    { ingress: `http://${ingress.address}`, admin: `http://${admin.address}`, origin: "library" },
    createShared(createSecrets(() => undefined)),
  );
  const field: Field = {
    servers,
    workers,
    boards: { all, each, ingress, admin },
    runtime,
    admin: api,
    async askAdmin(method, path) {
      const { status, text } = await send(http, { of: "admin", url: `${api.url}${path}`, method });
      if (status >= 300) throw new Error(`${method} ${path} is answered with ${status}: ${text}`);
      return text;
    },
    async startWorker(version) {
      const worker = await startWorkerProcess(folder, `more-${more.length}`, { version, ...settings });
      more.push(worker);
      return worker;
    },
    async close() {
      await runtime.close();
      http.close();
      await Promise.all([...workers, ...more].map((worker) => worker.kill()));
      await servers.close();
      await Promise.all([...each, all, ingress, admin].map((board) => board.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await api.register(`http://${all.address}`);
    await servers.ready();
  } catch (error) {
    await field.close();
    throw error;
  }
  return field;
}
