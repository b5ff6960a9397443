import { createAdmin } from "../../src/adapters/restate/admin.ts";
import { createHttpTools } from "../../src/adapters/restate/http.ts";
import { RUN_OBJECT } from "../../src/adapters/restate/names.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import { startWorker } from "../../src/app/worker.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { Runtime } from "../../src/ports/runtime.ts";
import { createOperator } from "../../src/testing/restate/operator.ts";
import { type RestateServers, startRestate } from "../../src/testing/restate/servers.ts";
import type { OpenRuntime, RuntimeHarness } from "../../src/testing/runtime-harness.ts";
import { type Switchboard, startSwitchboard } from "../../src/testing/switchboard.ts";

/** Servers for one harness after the other: they are emptied in between, since three of them take seconds to start. */
export interface HarnessServers {
  createHarness(): Promise<RuntimeHarness>;
  close(): Promise<void>;
}

/** @param through what stands between the runtime and whoever uses it */
export function createHarnessServers(nodes: 1 | 3, through: (runtime: Runtime) => Runtime): HarnessServers {
  let started: Promise<{ readonly servers: RestateServers; readonly board: Switchboard }> | undefined;

  const start = async () => ({ servers: await startRestate({ nodes }), board: await startSwitchboard() });

  return {
    async createHarness() {
      started ??= start();
      const { servers, board } = await started;
      return createClusterHarness(servers, board, through);
    },
    async close() {
      if (started === undefined) return;
      const { servers, board } = await started;
      await servers.close();
      await board.close();
    },
  };
}

/** Every runtime has a worker; of those the oldest is the one that Restate finds. */
function createClusterHarness(
  { ingress, admin }: RestateServers,
  board: Switchboard,
  through: (runtime: Runtime) => Runtime,
): RuntimeHarness {
  const operator = createOperator(admin);
  const workers: string[] = [];

  function retire(address: string): void {
    const index = workers.indexOf(address);
    if (index === -1) return;
    workers.splice(index, 1);
    board.remove(address);
    if (index === 0 && workers[0] !== undefined) board.add(workers[0]);
  }

  return {
    engine: {
      end: (runId, how) => operator.end({ service: RUN_OBJECT, key: runId, handler: "drive" }, how),
    },
    async open(executor): Promise<OpenRuntime> {
      const shared = createShared(createSecrets(() => undefined));
      const runtime = openCluster({ ingress, admin, origin: "library" }, shared);
      const worker = await startWorker(
        { host: "127.0.0.1", port: 0, executors: { grpc: executor }, onTrouble: () => undefined },
        shared,
      );
      const address = `127.0.0.1:${worker.port}`;
      workers.push(address);
      if (workers.length === 1) board.add(address);
      await register(admin, board.address);
      let isOpen = true;
      const end = async (): Promise<void> => {
        if (!isOpen) return;
        isOpen = false;
        retire(address);
        await Promise.all([runtime.close(), worker.close()]);
      };
      return { runtime: through(runtime), crash: end, close: end };
    },
    close: () => operator.clear(),
  };
}

/** What is known already is not registered again. */
async function register(admin: string, address: string): Promise<void> {
  const http = createHttpTools(createSystemClock());
  try {
    await createAdmin(admin, http).register(`http://${address}`);
  } finally {
    http.close();
  }
}
