import { createAdmin } from "../../src/adapters/restate/admin.ts";
import { createHttpTools } from "../../src/adapters/restate/http.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { type OpenCluster, openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import { startWorker } from "../../src/app/worker.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Executor } from "../../src/ports/executor.ts";
import { type RestateOptions, startRestate } from "../../src/testing/restate/servers.ts";

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
  close(): Promise<void>;
}

export async function startCluster(options: RestateOptions): Promise<TestCluster> {
  const servers = await startRestate(options);
  const { ingress, admin } = servers;
  const shared = createShared(createSecrets(() => undefined));
  const runtime = openCluster({ ingress, admin, origin: "library" }, shared);
  const http = createHttpTools(createSystemClock());
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
    register: async (port) =>
      void (await createAdmin(admin, http).register(`http://127.0.0.1:${port}`, { force: true })),
    async close() {
      http.agent.destroy();
      await runtime.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await servers.close();
    },
  };
}
