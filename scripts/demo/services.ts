import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KINDS, type ServiceKind, startService } from "../../examples/energy-pipeline/services/start.ts";
import { createDataRoot, createJsonLog, type DataRoot, type RunningService } from "../../src/service/index.ts";

/** The services of the energy pipeline, each of which can be stopped and started again where it was. */
export interface DemoServices {
  /** `localhost:PORT`, by the names of the services. */
  readonly addresses: Readonly<Record<string, string>>;
  stop(name: string): Promise<void>;
  start(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts them at the ports that they had the last time, where those are free: a run that failed then can be resumed.
 * @param dataRoot where their files, what they say (services.log) and their ports are
 */
export async function startDemoServices(dataRoot: string): Promise<DemoServices> {
  const root = await createDataRoot(dataRoot);
  const logFile = join(dataRoot, "services.log");
  const portsFile = join(dataRoot, "demo-ports.json");
  const ports = readPorts(portsFile);
  rmSync(logFile, { force: true });
  const running = new Map<string, RunningService>();
  const start = async (kind: ServiceKind): Promise<void> => {
    const log = createJsonLog(kind.name, (line) => appendFileSync(logFile, line));
    const options = { log, signals: [] };
    const service = await startAt(kind, root, ports[kind.name] ?? 0, options);
    ports[kind.name] = Number(service.address.split(":").at(-1));
    running.set(kind.name, service);
  };
  const close = async (): Promise<void> => {
    await Promise.all([...running.values()].map((service) => service.close(0)));
  };
  try {
    for (const kind of KINDS) await start(kind);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  writeFileSync(portsFile, JSON.stringify(ports));
  return {
    addresses: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `localhost:${port}`])),
    async stop(name) {
      await running.get(name)?.close(0);
    },
    async start(name) {
      const kind = KINDS.find((one) => one.name === name);
      if (kind !== undefined) await start(kind);
    },
    close,
  };
}

async function startAt(
  kind: ServiceKind,
  root: DataRoot,
  port: number,
  options: Pick<Parameters<typeof startService>[2], "log" | "signals">,
): Promise<RunningService> {
  try {
    return await startService(kind, root, { ...options, port });
  } catch (thrown) {
    if (port === 0) throw thrown;
    return startService(kind, root, { ...options, port: 0 });
  }
}

function readPorts(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
