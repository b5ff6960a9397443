import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, createAdmin, sqlText } from "../../src/adapters/restate/admin.ts";
import { createHttpTools, send } from "../../src/adapters/restate/http.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { type OpenCluster, openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import { startWorker } from "../../src/app/worker.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Executor } from "../../src/ports/executor.ts";
import { type RestateOptions, startRestate } from "../../src/testing/restate/servers.ts";
import { until } from "../../src/testing/until.ts";

/** A worker of this process, which calls nobody but the executor. */
export interface TestWorker {
  readonly port: number;
  close(): Promise<void>;
}

/** Servers of Restate, and what tests need around them. */
export interface TestCluster {
  readonly runtime: OpenCluster;
  readonly ingress: string;
  readonly admin: string;
  startWorker(executor: Executor): Promise<TestWorker>;
  /** Tells Restate where workers are. */
  register(port: number): Promise<void>;
  /** Rows of Restate's own tables. */
  query(sql: string): ReturnType<Admin["query"]>;
  /** Ends an invocation as nobody else does: whoever it was knows nothing of it. */
  kill(invocation: string): Promise<void>;
  /** Replaces all that an object keeps; resolves when it reads so. */
  writeState(service: string, key: string, state: { readonly [name: string]: string | Uint8Array }): Promise<void>;
  /** What the servers have warned of. */
  log(): string;
  close(): Promise<void>;
}

export async function startCluster(options: RestateOptions): Promise<TestCluster> {
  const servers = await startRestate(options);
  const { ingress, admin } = servers;
  const shared = createShared(createSecrets(() => undefined));
  const runtime = openCluster({ ingress, admin, origin: "library" }, shared);
  const http = createHttpTools(createSystemClock());
  const api = createAdmin(admin, http);
  const workers: TestWorker[] = [];
  return {
    runtime,
    ingress,
    admin,
    async startWorker(executor) {
      const worker = await startWorker(
        { host: "127.0.0.1", port: 0, executors: { grpc: executor }, onTrouble: () => undefined },
        shared,
      );
      workers.push(worker);
      return worker;
    },
    register: async (port) => void (await api.register(`http://127.0.0.1:${port}`, { force: true })),
    query: api.query,
    async kill(invocation) {
      await send(http, { of: "admin", url: `${admin}/invocations/${invocation}/kill`, method: "PATCH" });
      const isThere = `SELECT id FROM sys_invocation_status WHERE status <> 'completed' AND id = ${sqlText(invocation)}`;
      await until(async () => (await api.query(isThere)).length === 0);
    },
    async writeState(service, key, state) {
      const values = Object.entries(state).map(([name, value]) => [name, [...Buffer.from(value)]] as const);
      const body = { object_key: key, new_state: Object.fromEntries(values) };
      await send(http, { of: "admin", url: `${admin}/services/${service}/state`, body });
      const read = `SELECT key, value FROM state WHERE service_name = ${sqlText(service)} AND service_key = ${sqlText(key)}`;
      const wanted = values.map(([name, bytes]) => `${name} ${Buffer.from(bytes).toString("hex")}`).toSorted();
      for (;;) {
        const rows = await api.query(read);
        const has = rows.map((row) => `${row.key} ${row.value}`).toSorted();
        if (has.join() === wanted.join()) return;
        await sleep(10);
      }
    },
    log: () => servers.nodes.map((node) => node.log()).join(""),
    async close() {
      http.close();
      await runtime.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await servers.close();
    },
  };
}
