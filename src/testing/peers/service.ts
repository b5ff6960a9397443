import type { Attempt } from "../../ports/executor.ts";
import { DEFAULT_MAX_MESSAGE_BYTES } from "../../workflow/model/defaults.ts";
import type { Service } from "../../workflow/model/service.ts";

/** A bound service at an address, with the defaults of a workflow file. */
export function serviceAt(address: string, changes: Partial<Service> = {}): Service {
  return {
    name: "analyzer",
    address,
    metadata: new Map(),
    health: "optional",
    maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES,
    allowPlaintext: false,
    proxy: "auto",
    ...changes,
  };
}

/** A first attempt to call the service. */
export function attemptAt(service: Service, changes: Partial<Attempt> = {}): Attempt {
  return {
    runId: "run-1",
    nodeId: "analyze",
    attempt: 1,
    idempotencyKey: "run-1/analyze/1",
    timeoutMs: 30_000,
    request: { service: service.name, input_file: "/data/in.csv", output_file: "/data/out.pb" },
    service,
    traceId: "0af7651916cd43dd8448eb211c80319c",
    ...changes,
  };
}
