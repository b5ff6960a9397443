// A cluster of one server, with a worker and the floor in this process, put together the way the commands do it.
import { randomUUID } from "node:crypto";
import { createAdmin } from "../../src/adapters/restate/admin.ts";
import { createHttpTools } from "../../src/adapters/restate/http.ts";
import { createIngress, type Ingress } from "../../src/adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../src/adapters/restate/names.ts";
import type { DriveEnd, DriveInput } from "../../src/adapters/restate/wire.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { type OpenCluster, openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import { startWorker } from "../../src/app/worker.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { timestampOf } from "../../src/kernel/timestamp.ts";
import type { Executor } from "../../src/ports/executor.ts";
import { startRestate } from "../../src/testing/restate/servers.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { BARE_SERVICE, serveBareRestate } from "../peers/bare-restate.ts";

export interface BenchCluster {
  readonly runtime: OpenCluster;
  /** The floor: one invocation with three durable steps. */
  bare(): Promise<void>;
  /** One drive, from its submission to its answer. */
  drive(workflow: Workflow): Promise<void>;
  close(): Promise<void>;
}

/** @param step what each of the floor's steps does, and `executor` each attempt */
export async function openBenchCluster(
  step: () => Promise<unknown> | unknown,
  executor: Executor,
): Promise<BenchCluster> {
  const servers = await startRestate({ nodes: 1 });
  const http = createHttpTools(createSystemClock());
  const shared = createShared(createSecrets(() => undefined));
  const ingress = createIngress(servers.ingress, http);
  const admin = createAdmin(servers.admin, http);
  const runtime = openCluster({ ingress: servers.ingress, admin: servers.admin, origin: "library" }, shared);
  const bare = await serveBareRestate(step);
  const worker = await startWorker(
    { host: "127.0.0.1", port: 0, executors: { grpc: executor }, onTrouble: () => undefined },
    shared,
  );
  for (const { port } of [bare, worker]) await admin.register(`http://127.0.0.1:${port}`);
  return {
    runtime,
    bare: () => ingress.call({ service: BARE_SERVICE, handler: "three" }),
    drive: (workflow) => drive(ingress, workflow),
    async close() {
      await runtime.close();
      http.agent.destroy();
      await Promise.all([bare.close(), worker.close()]);
      await servers.close();
    },
  };
}

async function drive(ingress: Ingress, { definition }: Workflow): Promise<void> {
  const atMs = Date.now();
  const runId = randomUUID();
  const input: DriveInput = {
    epoch: 1,
    token: runId,
    atMs,
    seed: 1,
    how: {
      kind: "created",
      at: timestampOf(atMs),
      definitionHash: definition.hash,
      params: {},
      busbarVersion: "bench",
    },
    definition,
  };
  const end = await ingress.call<DriveEnd>({ service: RUN_OBJECT, key: runId, handler: "drive" }, input);
  if (end.kind !== "ended") throw new Error(`the drive of ${runId} says ${JSON.stringify(end)}`);
}
