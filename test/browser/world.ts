// A real `busbar serve` with services, workflows, and a run in each state that a page has to show.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiClient, createApiClient } from "../../dashboard/api/client.ts";
import { readOwnToken } from "../../src/app/server/own-token.ts";
import { type Cli, createCli } from "../cli/harness.ts";
import { type ServerProcess, startServer } from "../serve/server-process.ts";
import { makeRuns } from "./world/runs.ts";
import { startWorldServices, type WorldServices } from "./world/services.ts";
import { worldWorkflows } from "./world/workflows.ts";

export { nodeIs, RUNS, runEnded, startRun, worldLogs } from "./world/runs.ts";

export interface World {
  readonly url: string;
  readonly stateDir: string;
  /** The folder that nodes name as `/data`. */
  readonly dataRoot: string;
  /** The folder of the workflow files, which the server follows. */
  readonly workflows: string;
  readonly cli: Cli;
  readonly services: WorldServices;
  /** The API, as admin. */
  readonly api: ApiClient;
  /** Ends the server; SIGKILL: as a crash. */
  stopServer(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, at its address. */
  startServer(): Promise<void>;
  close(): Promise<void>;
}

/** What there is in it. */
export interface WorldOptions {
  /** Without them it is there sooner: no run was ever made. */
  readonly runs?: boolean;
  /** More for `busbar serve`. */
  readonly args?: readonly string[];
}

/** @returns with all runs in their states */
export async function startWorld({ runs = true, args = [] }: WorldOptions = {}): Promise<World> {
  const cli = createCli();
  const dataRoot = join(cli.folder, "data");
  const workflows = join(cli.folder, "workflows");
  const stateDir = join(cli.folder, ".busbar");
  for (const folder of [dataRoot, workflows]) mkdirSync(folder);
  writeFileSync(join(dataRoot, "readings.csv"), readings());
  const services = await startWorldServices(dataRoot);
  for (const [name, content] of Object.entries(worldWorkflows(services))) cli.write(join("workflows", name), content);
  const serve = ["--workflows", "workflows", "--data-dir", "/data=data", ...args];
  let server: ServerProcess = await startServer(cli, { args: serve });
  const { url } = server;
  const api = createApiClient(url, { authorization: `Bearer ${readOwnToken(stateDir)}` });
  const world: World = {
    ...{ url, stateDir, dataRoot, workflows, cli, services, api },
    async stopServer(signal) {
      await server.stop(signal);
    },
    async startServer() {
      server = await startServer(cli, { port: Number(new URL(url).port), args: serve });
    },
    async close() {
      await server.stop();
      await services.close();
      await cli.close();
    },
  };
  if (!runs) return world;
  try {
    await makeRuns(world);
  } catch (thrown) {
    await world.close();
    throw thrown;
  }
  return world;
}

/** Three weeks of the example's year, which has anomalies and bad rows. */
function readings(): string {
  const year = readFileSync(new URL("../../examples/energy-pipeline/input/year.csv", import.meta.url), "utf8");
  return year.split("\n").slice(0, 2001).join("\n");
}
