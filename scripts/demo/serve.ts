// `npm run demo -- --serve`: services, a server, and two runs to look at in the dashboard.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../../dashboard/api/client.ts";
import { type DemoServer, startDemoServer } from "./server.ts";
import { type DemoServices, startDemoServices } from "./services.ts";
import { pipelineText, WORKFLOW } from "./workflow.ts";

export interface ServeDemoOptions {
  readonly bin: string;
  readonly dataRoot: string;
  readonly stateDir: string;
  /** Readings of one's own, in the data root. */
  readonly input: string | undefined;
  readonly port: number | undefined;
  readonly open: boolean;
  /** A path as a person would type it. */
  readonly shown: (path: string) => string;
}

/** The service that is down in the run that fails. */
const DOWN = "energy-analyzer";

/**
 * Serves until the signal aborts, or the server ends by itself.
 * @returns the exit code
 */
export async function serveDemo(options: ServeDemoOptions, signal: AbortSignal): Promise<number> {
  const { dataRoot, stateDir, input, shown } = options;
  const services = await startDemoServices(dataRoot);
  let server: DemoServer | undefined;
  try {
    const workflows = join(dataRoot, "workflows");
    mkdirSync(workflows, { recursive: true });
    writeFileSync(join(workflows, "energy-pipeline.yaml"), pipelineText(services.addresses, input));
    server = await startDemoServer({ ...options, workflows });
    const { api, url } = server;
    const finished = await unlessAborted(
      signal,
      findRun(api, "succeeded", () => finishRun(api)),
    );
    const failed = await unlessAborted(
      signal,
      findRun(api, "failed", () => failRun(api, services)),
    );
    process.stdout.write(
      `READY ${url}\n\n` +
        `A run that succeeded, with its report as table and chart:\n  ${url}/runs/${finished}?node=report-generator\n` +
        `A run that failed, since ${DOWN} was down. It is up again: press Resume.\n  ${url}/runs/${failed}\n\n` +
        `Ctrl-C ends the server and the services. Runs: ${shown(stateDir)}, files: ${shown(dataRoot)}\n`,
    );
    await Promise.race([aborted(signal), server.ended]);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    await server?.stop();
    await services.close();
  }
  return signal.aborted ? 0 : ((await server?.ended) ?? 1);
}

/** One that is there from an earlier demo will do, where it calls the services of this one. */
async function findRun(api: ApiClient, status: "succeeded" | "failed", make: () => Promise<string>): Promise<string> {
  const { definition_hash } = await api.call("get", "/api/v1/workflows/{name}", { path: { name: WORKFLOW } });
  const { runs } = await api.call("get", "/api/v1/runs", { query: { workflow: WORKFLOW, status, limit: 20 } });
  return runs.find((run) => run.definition_hash === definition_hash)?.run_id ?? make();
}

async function finishRun(api: ApiClient): Promise<string> {
  const { run_id } = await api.call("post", "/api/v1/runs", {
    body: { workflow: WORKFLOW, params: { output_dir: "finished" } },
  });
  await untilEnded(api, run_id);
  return run_id;
}

/** Without a preflight the run begins, and meets what is down on its way. */
async function failRun(api: ApiClient, services: DemoServices): Promise<string> {
  await services.stop(DOWN);
  try {
    const { run_id } = await api.call("post", "/api/v1/runs", {
      body: { workflow: WORKFLOW, params: { output_dir: "failed" }, preflight: false },
    });
    await untilEnded(api, run_id);
    return run_id;
  } finally {
    await services.start(DOWN);
  }
}

async function untilEnded(api: ApiClient, run_id: string): Promise<void> {
  while ((await api.call("get", "/api/v1/runs/{run_id}/wait", { path: { run_id } })).end === null);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** @throws the signal's reason where that comes first */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const first = await Promise.race([work, aborted(signal)]);
  signal.throwIfAborted();
  return first as T;
}
