// Peers that have gone without a word end a call by its deadline, and the error says where it stopped.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, it } from "node:test";
import { type Clock, createSteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import { CERT_FILES } from "../../testing/peers/certs.ts";
import {
  END_HEADERS,
  END_STREAM,
  encodeMessage,
  type FrameConnection,
  FrameType,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import {
  canHaveOwnNetwork,
  runInOwnNetwork,
  startFullPeer,
  startStoppablePeer,
} from "../../testing/peers/half-open.ts";
import { listenAsPeer } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import { requirePeer } from "../../testing/require.ts";
import { until } from "../../testing/until.ts";
import type { Service } from "../../workflow/model/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
const SHORT_MS = 150;
const TLS: Partial<Service> = { tls: { caFile: CERT_FILES.ca } };
const FAR = "far.test:50051";
const isLinux = process.platform === "linux" ? false : "queues of connections behave so on Linux";
const canStop = process.platform === "win32" ? "Windows has no SIGSTOP" : false;

interface Peer {
  readonly address: string;
  /** Whether so many questions have come to where they stop; at once if left out. */
  readonly hasStopped?: (questions: number) => boolean;
  close(): Promise<void>;
}

/** Answers every request so far, and then says nothing more. */
async function startStalling(...frames: readonly ((connection: FrameConnection, stream: number) => void)[]) {
  let asked = 0;
  const peer = await startFramePeer(({ type, flags, stream, payload }, connection) => {
    // Health and reflection write an END_STREAM or not; each has sent a message by then.
    if (type !== FrameType.DATA || (payload.length === 0 && (flags & END_STREAM) !== 0)) return;
    for (const send of frames) send(connection, stream);
    asked += 1;
  });
  return { ...peer, hasStopped: (questions: number) => asked >= questions };
}
const headers = (connection: FrameConnection, stream: number) =>
  connection.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
const part = (connection: FrameConnection, stream: number) =>
  connection.send(FrameType.DATA, 0, stream, encodeMessage(Buffer.alloc(20)).subarray(0, 9));

/** Takes a connection and what is said on it, and never says a word; later questions wait on the first one's. */
async function startMutePeer(): Promise<Peer> {
  let hasHeard = false;
  const server = createTcpServer((socket) => {
    socket.on("data", () => {
      hasHeard = true;
    });
  });
  return { ...(await listenAsPeer(server)), hasStopped: () => hasHeard };
}

/** A proxy that says that there is a way, and then passes nothing on. */
async function startHollowProxy(): Promise<Peer> {
  let hasHeard = false;
  const server: Server = createServer();
  server.on("connect", (_request, socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.on("data", () => {
      hasHeard = true;
    });
  });
  return { ...(await listenAsPeer(server)), hasStopped: () => hasHeard };
}

const CASES: readonly {
  readonly where: string;
  readonly start: () => Promise<Peer>;
  readonly skip?: string | false;
  readonly isProxy?: boolean;
  readonly service?: Partial<Service>;
  /** Words of a call; code and words of the finding of health, and of reflection where it is all that is asked. */
  readonly call: RegExp;
  readonly code: string;
  readonly health: RegExp;
  readonly reflection?: RegExp;
}[] = [
  {
    where: "does not take the connection",
    start: startFullPeer,
    skip: isLinux,
    call: /could not be reached: no connection to 127\.0\.0\.1:\d+ came about in time; its host is down/,
    code: "SERVICE_UNREACHABLE",
    health: /cannot be reached: no connection to 127\.0\.0\.1:\d+ came about within 150 ms; its host is down/,
  },
  {
    where: "is a proxy that does not take the connection",
    start: startFullPeer,
    skip: isLinux,
    isProxy: true,
    call: /could not be reached: the proxy http:\/\/127\.0\.0\.1:\d+ was not to be connected to in time$/,
    code: "SERVICE_PROXY",
    health: /cannot be reached: the proxy http:\/\/127\.0\.0\.1:\d+ was not to be connected to in time$/,
  },
  {
    where: "is a proxy that does not answer CONNECT",
    start: startMutePeer,
    isProxy: true,
    call: /could not be reached: the proxy http:\/\/127\.0\.0\.1:\d+ did not answer in time$/,
    code: "SERVICE_PROXY",
    health: /cannot be reached: the proxy http:\/\/127\.0\.0\.1:\d+ did not answer in time$/,
  },
  {
    where: "does not go on with the TLS handshake",
    start: startMutePeer,
    service: TLS,
    call: /in time: something accepts connections there, but the TLS handshake is not answered; it hangs/,
    code: "SERVICE_SILENT",
    health: /within 150 ms: something accepts connections there, but the TLS handshake is not answered; it hangs/,
  },
  {
    where: "does not go on with the TLS handshake behind a proxy",
    start: startHollowProxy,
    isProxy: true,
    service: TLS,
    call: /in time: the proxy http:\S+ found a way there, but the TLS handshake is not answered/,
    code: "SERVICE_SILENT",
    health: /within 150 ms: the proxy http:\S+ found a way there, but the TLS handshake is not answered/,
  },
  {
    where: "sends no settings",
    start: startMutePeer,
    call: /in time: something accepts connections there, but no HTTP\/2 settings come; it hangs/,
    code: "SERVICE_SILENT",
    health: /within 150 ms: something accepts connections there, but no HTTP\/2 settings come; it hangs/,
  },
  {
    where: "sends no settings behind a proxy",
    start: startHollowProxy,
    isProxy: true,
    call: /in time: the proxy http:\S+ found a way there, but no HTTP\/2 settings come/,
    code: "SERVICE_SILENT",
    health: /within 150 ms: the proxy http:\S+ found a way there, but no HTTP\/2 settings come/,
  },
  {
    where: "does not answer",
    start: () => startStalling(),
    call: /did not answer within 150 ms$/,
    code: "SERVICE_SILENT",
    health: /did not answer the health check within 150 ms$/,
    reflection: /did not answer the check within 150 ms$/,
  },
  {
    where: "stops after its headers",
    start: () => startStalling(headers),
    call: /began to answer and did not finish within 150 ms: it stopped after the headers, before its message$/,
    code: "SERVICE_SILENT",
    health: /began to answer the health check and did not finish within 150 ms: .* before its message$/,
    reflection: /began to answer the check and did not finish within 150 ms: .* before its message$/,
  },
  {
    where: "stops amid a message",
    start: () => startStalling(headers, part),
    call: /began to answer and did not finish within 150 ms: it stopped after a part of its message$/,
    code: "SERVICE_SILENT",
    health: /began to answer the health check and did not finish within 150 ms: .* a part of its message$/,
    reflection: /began to answer the check and did not finish within 150 ms: .* a part of its message$/,
  },
];

describe("executor-grpc and a peer that has gone without a word", () => {
  let executor: Executor;
  const before = process.env.grpc_proxy;
  const open = (clock: Clock): void => {
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock });
  };
  afterEach(async () => {
    if (before === undefined) delete process.env.grpc_proxy;
    else process.env.grpc_proxy = before;
    await executor.close?.();
  });

  const look = async (service: Service) =>
    (await executor.preflight?.({ services: [service], nodes: [] }, { timeoutMs: SHORT_MS, waitMs: 0 }, NEVER)) ?? [];

  for (const { where, start, skip = false, isProxy = false, service: changes, ...expected } of CASES) {
    it(`ends what is asked of one that ${where}, and says so`, { skip }, async () => {
      const peer = await start();
      try {
        if (isProxy) process.env.grpc_proxy = `http://${peer.address}`;
        const service = serviceAt(isProxy ? FAR : peer.address, changes);
        const clock = createSteppingClock();
        open(clock);
        let questions = 0;
        const runOut = async <T>(question: Promise<T>): Promise<T> => {
          questions += 1;
          await until(() => clock.pending() > 0 && peer.hasStopped?.(questions) !== false);
          clock.advance(SHORT_MS);
          return await question;
        };
        const outcome = await runOut(executor.execute(attemptAt(service, { timeoutMs: SHORT_MS }), NEVER));
        assert.equal(outcome.outcome, "timed_out");
        assert.ok(outcome.outcome === "timed_out");
        assert.deepEqual([outcome.error.code, outcome.error.status], ["NODE_TIMED_OUT", "DEADLINE_EXCEEDED"]);
        assert.match(outcome.error.message, expected.call);
        for (const [health, words] of [
          ["optional", expected.health],
          ["off", expected.reflection ?? expected.health],
        ] as const) {
          const [finding, ...more] = await runOut(look({ ...service, health }));
          assert.deepEqual([finding?.severity, finding?.code, more], ["error", expected.code, []], health);
          assert.match(finding?.message ?? "", words);
        }
      } finally {
        await peer.close();
      }
    });
  }

  it("goes on with one that stood still and goes on, and leaves its old connection", { skip: canStop }, async () => {
    await using peer = await startStoppablePeer();
    open(createSystemClock());
    const service = serviceAt(peer.address);
    const call = async (timeoutMs: number) =>
      (await executor.execute(attemptAt(service, { timeoutMs }), NEVER)).outcome;
    assert.equal(await call(10_000), "succeeded");
    peer.stop();
    assert.equal(await call(SHORT_MS), "timed_out");
    const [finding] = await look(service);
    assert.deepEqual([finding?.severity, finding?.code], ["error", "SERVICE_SILENT"]);
    peer.goOn();
    assert.equal(await call(10_000), "succeeded");
  });

  const network = requirePeer("netns", canHaveOwnNetwork, "no network namespace with iptables here");
  it("ends what goes through a network that drops everything, and goes on when it does no more", {
    skip: network.skip,
    timeout: 60_000,
  }, async () => {
    const at = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
    const said = await runInOwnNetwork(`
      import { createGrpcExecutor } from ${at("adapters/executor-grpc/executor.ts")};
      import { createSystemClock } from ${at("adapters/system/clock.ts")};
      import { createSecrets } from ${at("kernel/secrets.ts")};
      import { startGrpcPeer } from ${at("testing/peers/grpc.ts")};
      import { attemptAt, serviceAt } from ${at("testing/peers/service.ts")};
      const peer = await startGrpcPeer();
      const options = { secrets: createSecrets(() => undefined), clock: createSystemClock() };
      const executor = createGrpcExecutor(options);
      const other = createGrpcExecutor(options);
      const call = async (by, timeoutMs) => {
        const outcome = await by.execute(attemptAt(serviceAt(peer.address), { timeoutMs }), new AbortController().signal);
        console.log(outcome.outcome + (outcome.error === undefined ? "" : ": " + outcome.error.message));
      };
      await call(executor, 10_000);
      drop(peer.port);
      await call(executor, ${SHORT_MS});
      await call(other, ${SHORT_MS});
      pass(peer.port);
      // What was dropped is sent again by TCP, a second later at most.
      await call(other, 20_000);
      await call(executor, 20_000);
      await Promise.all([executor.close(), other.close(), peer.close()]);
    `);
    const [before, late, unconnected, ...after] = said.trimEnd().split("\n");
    assert.equal(before, "succeeded", said);
    assert.match(late ?? "", /^timed_out: .* did not answer within 150 ms$/);
    assert.match(
      unconnected ?? "",
      /^timed_out: .* no connection to 127\.0\.0\.1:\d+ came about in time; its host is down/,
    );
    assert.deepEqual(after, ["succeeded", "succeeded"]);
  });
});
