// A process that opens an executor, asks peers of every kind, closes it in the midst of that, and does so again and
// again. Says after each round what is left; ends by itself. Arguments: the peers as JSON, rounds, a seed.
import diagnostics from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { createGrpcExecutor } from "../../src/adapters/executor-grpc/executor.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSeededRandom } from "../../src/kernel/random.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { CERT_FILES } from "../../src/testing/peers/certs.ts";
import { attemptAt, serviceAt } from "../../src/testing/peers/service.ts";

export interface Peers {
  readonly plain: readonly string[];
  /** Asked by TLS. */
  readonly tls: readonly string[];
  /** Never reads what it is sent, and lets much of it come. */
  readonly unread: string;
}

export interface RoundLine {
  readonly outcomes: Readonly<Record<string, number>>;
  /** Sockets that are not destroyed, and what holds the process alive. */
  readonly left: readonly string[];
  /** Bytes of the heap and of what hangs on it outside, nghttp2's sessions among it, after a collection. */
  readonly held: number;
}

const [peersText = "", roundsText = "", seedText = ""] = process.argv.slice(2);
const peers = JSON.parse(peersText) as Peers;
const random = createSeededRandom(Number(seedText));
let sockets: Socket[] = [];
diagnostics.subscribe("net.client.socket", (made) => void sockets.push((made as { readonly socket: Socket }).socket));

const services = [
  ...peers.plain.map((address) => serviceAt(address, { maxMessageBytes: 64 << 20 })),
  ...peers.tls.map((address) => serviceAt(address, { tls: { caFile: CERT_FILES.ca } })),
];
const large = { input_file: "x".repeat(12 << 20), output_file: "out" };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function round(nth: number): Promise<RoundLine> {
  const executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  const controller = new AbortController();
  const { signal } = controller;
  // In every other round the calls are given up with the executor; in the others they end by their deadlines.
  const isGivenUp = nth % 2 === 0;
  const timeoutMs = isGivenUp ? 20_000 : 40;
  const calls = services.flatMap((service) =>
    [1, 2].map(() => executor.execute(attemptAt(service, { timeoutMs }), signal)),
  );
  if (nth % 10 === 0) {
    const service = serviceAt(peers.unread, { maxMessageBytes: 64 << 20 });
    calls.push(executor.execute(attemptAt(service, { timeoutMs, request: large }), signal));
  }
  const looks = (["optional", "off"] as const).map((health) =>
    executor.preflight?.(
      { services: services.map((service) => ({ ...service, health })), nodes: [] },
      { timeoutMs, waitMs: 0 },
      signal,
    ),
  );
  await sleep(random.next() * 20);
  if (isGivenUp) controller.abort("leave");
  await executor.close?.();
  const outcomes: Record<string, number> = {};
  for (const { outcome } of await Promise.all(calls)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  await Promise.allSettled(looks);

  const left = (): readonly string[] => [
    ...sockets.filter((socket) => !socket.destroyed).map(() => "socket"),
    ...process.getActiveResourcesInfo().filter((kind) => /^(?:TCP|TLS|Timeout|GetAddrInfo)/.test(kind)),
  ];
  for (let turn = 0; turn < 500 && left().length > 0; turn += 1) {
    // A timer would be one of those that are counted.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  const line = { outcomes, left: left() };
  sockets = [];
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { ...line, held: heapUsed + external };
}

for (let nth = 0; nth < Number(roundsText); nth += 1) process.stdout.write(`${JSON.stringify(await round(nth))}\n`);
