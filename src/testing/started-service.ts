import type { TestContext } from "node:test";
import { createJsonLog, type Execute, type RunningService, type ServeOptions, serve } from "../service/index.ts";
import { createServiceClient, type ServiceClient } from "./service-client.ts";

/** A service on a free port that ends with its test. */
export interface StartedService {
  readonly service: RunningService;
  readonly client: ServiceClient;
  /** What it has logged. */
  readonly lines: readonly LogLine[];
}

/** A line of its log, as an object. */
export type LogLine = { readonly [field: string]: unknown };

/** Starts a service named `sorter` that listens for no signal. */
export async function startForTest(
  test: TestContext,
  execute: Execute,
  options: Partial<ServeOptions> = {},
): Promise<StartedService> {
  const lines: LogLine[] = [];
  const log = createJsonLog("sorter", (line) => lines.push(JSON.parse(line)));
  const service = await serve({ name: "sorter", port: 0, signals: [], log, execute, ...options });
  test.after(() => service.close(0));
  const client = createServiceClient(service.address);
  test.after(() => client.close());
  return { service, client, lines };
}
