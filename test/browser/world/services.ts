// The services of the world: those of the energy pipeline, and one that does what a test says. Each can be made to
// wait, stopped, and started again at its address.
import { createServer } from "node:net";
import { join } from "node:path";
import { KINDS, startService } from "../../../examples/energy-pipeline/services/start.ts";
import {
  type CallContext,
  createDataRoot,
  createJsonLog,
  createRpcError,
  type DataRoot,
  type Execute,
  type RunningService,
  serve,
} from "../../../src/service/index.ts";

/** A service that is there, or is down. */
export interface WorldService {
  readonly name: string;
  readonly address: string;
  /** Its calls wait from now on. @returns lets them go */
  hold(): () => void;
  stop(): Promise<void>;
  /** At the address that it had. */
  start(): Promise<void>;
}

/** What a node of the service "meters" does; without a word it succeeds at once. */
export type Behaviour = "hold" | "fail" | "down" | "slow";

export interface WorldServices {
  readonly all: ReadonlyMap<string, WorldService>;
  /** An address at which nothing listens. */
  readonly nowhere: string;
  /** Says what nodes of the service "meters" do from now on, by their ids; undefined takes it back and lets them go. */
  script(behaviours: { readonly [nodeId: string]: Behaviour | undefined }): void;
  close(): Promise<void>;
}

type Start = (port: number) => Promise<RunningService>;

/** @param dataRoot the folder that nodes name as `/data` */
export async function startWorldServices(dataRoot: string): Promise<WorldServices> {
  const root = await openData(dataRoot);
  const scripted = createScripted();
  const starts: readonly (readonly [string, (execute: (own: Execute) => Execute) => Start])[] = [
    ...KINDS.map(
      (kind) =>
        [
          kind.name,
          (wrap: (own: Execute) => Execute): Start =>
            (port) =>
              startService({ ...kind, create: (data) => wrap(kind.create(data)) }, root, quiet(kind.name, port)),
        ] as const,
    ),
    [
      "meters",
      (wrap) => (port) => serve({ name: "meters", execute: wrap(scripted.execute), ...quiet("meters", port) }),
    ],
  ];
  const all = await Promise.all(starts.map(([name, start]) => createWorldService(name, start)));
  return {
    all: new Map(all.map((service) => [service.name, service])),
    nowhere: `localhost:${await findFreePort()}`,
    script: scripted.script,
    async close() {
      await Promise.all(all.map((service) => service.stop()));
    },
  };
}

async function createWorldService(
  name: string,
  startWith: (wrap: (own: Execute) => Execute) => Start,
): Promise<WorldService> {
  let held: Promise<void> | undefined;
  const start = startWith((own) => async (request, context) => {
    await orAborted(held, context);
    return own(request, context);
  });
  let running: RunningService | undefined = await start(0);
  const port = Number(running.address.split(":").at(-1));
  return {
    name,
    address: `localhost:${port}`,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        if (held === promise) held = undefined;
        resolve();
      };
    },
    async stop() {
      await running?.close(0);
      running = undefined;
    },
    async start() {
      running ??= await start(port);
    },
  };
}

/** A service whose nodes do what they are told to, by their ids. */
function createScripted(): Pick<WorldServices, "script"> & { readonly execute: Execute } {
  const behaviours = new Map<string, { readonly does: Behaviour; readonly over: PromiseWithResolvers<void> }>();
  return {
    script(changes) {
      for (const [nodeId, does] of Object.entries(changes)) {
        behaviours.get(nodeId)?.over.resolve();
        behaviours.delete(nodeId);
        if (does !== undefined) behaviours.set(nodeId, { does, over: Promise.withResolvers() });
      }
    },
    async execute({ inputFile, outputFile }, context) {
      const found = behaviours.get(context.nodeId ?? "");
      switch (found?.does) {
        case "hold":
          await orAborted(found.over.promise, context);
          break;
        case "slow":
          await new Promise((resolve) => setTimeout(resolve, 150));
          break;
        case "down":
          throw createRpcError("UNAVAILABLE", "warming up: the meter index is being loaded");
        case "fail":
          throw new Error(`${inputFile}: line 12: "n/a" is no reading`);
      }
      return `Wrote ${outputFile}`;
    },
  };
}

/** Rejects where the caller goes before. */
async function orAborted(awaited: Promise<void> | undefined, { signal }: CallContext): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([awaited, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function quiet(name: string, port: number) {
  return { port, signals: [], log: createJsonLog(name, () => undefined) };
}

/** Nodes name files as the original's do, below `/data`, whatever the folder of this machine is called. */
async function openData(folder: string): Promise<DataRoot> {
  const root = await createDataRoot(folder);
  return { path: root.path, locate: (path) => root.locate(path.replace(/^\/data\//, `${join(root.path, "/")}`)) };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
