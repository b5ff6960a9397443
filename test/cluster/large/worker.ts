// A worker in a process of its own, started by large.test.ts. Its attempts answer at once, but for the first of the node
// `last`, which never does: that worker is killed, and the next one has to replay the drive to make the second.
import { createShared } from "../../../src/app/shared.ts";
import { startWorker } from "../../../src/app/worker.ts";
import { createSecrets } from "../../../src/kernel/secrets.ts";
import { createFakeExecutor, SUCCEEDED } from "../../../src/testing/fake-executor.ts";

/** Since the drive was begun. */
export interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What it tells whoever has started it. */
export type Told =
  | { readonly tells: "ready"; readonly port: number }
  /** An attempt of `last` was asked for. */
  | { readonly tells: "last"; readonly replay: Spent; readonly peakBytes: number };

const tell = (told: Told): void => void process.send?.(told);
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
const spent = (): Spent => {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1000 };
};
let began = spent();

const executor = createFakeExecutor(async ({ nodeId, attempt }) => {
  if (nodeId !== "last") return SUCCEEDED;
  const now = spent();
  const replay = { ms: now.ms - began.ms, cpuMs: now.cpuMs - began.cpuMs };
  tell({ tells: "last", replay, peakBytes: peakBytes() });
  return attempt === 1 ? new Promise(() => undefined) : SUCCEEDED;
});
const shared = createShared(createSecrets(() => undefined));
const read: typeof shared.definitions.read = (definition) => {
  began = spent();
  return shared.definitions.read(definition);
};
const [port] = process.argv.slice(2);
const worker = await startWorker(
  { host: "127.0.0.1", port: Number(port), executors: { grpc: executor }, onTrouble: () => undefined },
  { ...shared, definitions: { ...shared.definitions, read } },
);
tell({ tells: "ready", port: worker.port });
// Whoever has started it has ended.
process.on("disconnect", () => process.exit(0));
