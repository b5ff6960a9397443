// Starts the three reference services, or those named, and prints one `READY <name> <address>` line each.
// Usage: npm run services [-- NAME…]   Environment: PORT_BASE (50051; 0 takes free ports), HOST (127.0.0.1), DATA_ROOT
import { fileURLToPath } from "node:url";
import { SERVICE_NAMES, startServices } from "../examples/energy-pipeline/services/start.ts";
import { endWithNpm } from "./end-with-npm.mjs";

const USAGE = `Usage: npm run services [-- NAME…]
Starts the services of the energy pipeline: ${SERVICE_NAMES.join(", ")}.

Environment:
  PORT_BASE  first of three ports in a row; 0 takes free ones (default 50051)
  HOST       where to listen (default 127.0.0.1; 0.0.0.0 is every interface)
  DATA_ROOT  the one folder they read and write (default examples/energy-pipeline/data)
`;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !SERVICE_NAMES.includes(name));
const portBase = Number(process.env.PORT_BASE || 50051);
if (names.includes("--help") || names.includes("-h")) {
  process.stdout.write(USAGE);
} else if (unknown.length > 0) {
  process.stderr.write(`no service is named ${unknown.join(", ")}\n${USAGE}`);
  process.exitCode = 2;
} else if (!Number.isInteger(portBase) || portBase < 0 || portBase > 65533) {
  process.stderr.write(`PORT_BASE is not a port: ${process.env.PORT_BASE}\n`);
  process.exitCode = 2;
} else {
  await start();
}

async function start(): Promise<void> {
  endWithNpm();
  const dataRoot = process.env.DATA_ROOT || fileURLToPath(new URL("../examples/energy-pipeline/data", import.meta.url));
  try {
    const services = await startServices({
      dataRoot,
      portBase,
      ...(process.env.HOST ? { host: process.env.HOST } : {}),
      ...(names.length > 0 ? { names } : {}),
    });
    for (const service of services) process.stdout.write(`READY ${service.name} ${service.address}\n`);
    await Promise.all(services.map((service) => service.closed));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
