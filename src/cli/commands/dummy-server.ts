import { BusbarError } from "../../kernel/errors.ts";
import { startDummyServer } from "../../service/index.ts";
import { requireHost } from "../../service/listen.ts";
import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";

const DEFAULT_PORT = 50051;

export const dummyServerCommand: Command = {
  name: "dummy-server",
  summary: "serve a service that always succeeds, to try workflows with",
  description:
    "It implements ContainerExecutor/Execute, health and reflection, touches no file, and answers every call with\n" +
    "`Dummy processed INPUT to OUTPUT`. It listens on loopback until Ctrl-C or SIGTERM.",
  positionals: [],
  options: [
    { name: "port", value: "PORT", about: `where to listen; 0 takes a free one (default: ${DEFAULT_PORT})` },
    { name: "host", value: "ADDRESS", about: "the interface to listen on (default: 127.0.0.1)" },
  ],
  examples: [{ command: "busbar dummy-server --port 50052", says: "prints `READY dummy 127.0.0.1:50052`" }],
  exitCodes: "0 stopped by a signal · 2 wrong usage, or the port is taken",
  async run({ values, io }) {
    const port = values.integer("port", DEFAULT_PORT);
    if (port > 65_535) throw new BusbarError("USAGE", `--port is a number from 0 to 65535, not ${port}`);
    const host = values.text("host");
    if (host !== undefined) requireHost("--host", host);
    const service = await startDummyServer({ port, ...(host === undefined ? {} : { host }) });
    io.out.write(`READY ${service.name} ${service.address}\n`);
    await service.closed;
    return EXIT_OK;
  },
};
