import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { createEndpointHandler, type LoggerTransport } from "@restatedev/restate-sdk";
import { ATTEMPT_SERVICE, VERSION_METADATA } from "../../../adapters/restate/names.ts";
import { describeFailure } from "../../../kernel/describe-failure.ts";
import { BusbarError } from "../../../kernel/errors.ts";
import { createAttemptService } from "./attempt-service.ts";
import { createAttemptsInHand } from "./attempts-in-hand.ts";
import { trackConnections } from "./connections.ts";
import { createKeyObject } from "./key-object.ts";
import { createRequestsObject } from "./requests-object.ts";
import { createRunObject } from "./run-object.ts";
import { createSdkLog } from "./sdk-log.ts";
import type { WorkerTools } from "./tools.ts";

export interface EndpointOptions extends WorkerTools {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Restate's public keys (`publickeyv1_…`): requests that none of them has signed are answered with 401. */
  readonly identityKeys?: readonly string[];
  /** Told to Restate with the services: it says later which version it knows at an address. */
  readonly busbarVersion: string;
  /** How long a connection brings new work, until Restate makes another; 30,000, if left out. */
  readonly connectionMs?: number;
}

const CONNECTION_MS = 30_000;

/** Where Restate finds a worker. */
export interface Endpoint {
  readonly port: number;
  /**
   * Takes nothing more, and lets attempts go on for a while. What is under way then is left: Restate gives it to others.
   * @param graceMs how long attempts may go on
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves drives and attempts to Restate: HTTP/2 without TLS, as within a private network.
 * @throws BusbarError ADDRESS_UNAVAILABLE; USAGE for a key that is none
 */
export async function listenForRestate(options: EndpointOptions): Promise<Endpoint> {
  const { host, port, identityKeys = [], busbarVersion, connectionMs = CONNECTION_MS, ...tools } = options;
  const attempts = createAttemptsInHand(tools);
  const log = createSdkLog(tools);
  const services = [
    createRunObject(tools),
    createAttemptService(tools, attempts),
    createRequestsObject(),
    createKeyObject(),
  ];
  const handler = answerWith(
    services.map((one) => ({ ...one, metadata: { [VERSION_METADATA]: busbarVersion } })),
    identityKeys,
    log.logger,
  );
  const server = createServer(handler);
  const connections = trackConnections(server, tools.clock, connectionMs);
  const underWay = trackAttempts(server);
  // Small frames back and forth: waiting to fill a packet costs 40 ms each.
  server.on("connection", (socket) => socket.setNoDelay(true));
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs = 0) {
      const closed = new Promise((resolve) => server.close(resolve));
      connections.retire();
      if (graceMs > 0) await Promise.race([underWay.ended(), elapsed(tools, graceMs)]);
      log.expectLosses();
      connections.cut();
      // After that: what comes of an attempt that is left is no outcome, and must not be told as one.
      await Promise.all([attempts.leave(), closed]);
    },
  };
}

type Services = NonNullable<Parameters<typeof createEndpointHandler>[0]["services"]>;

/** @throws BusbarError USAGE */
function answerWith(services: Services, identityKeys: readonly string[], logger: LoggerTransport) {
  try {
    return createEndpointHandler({ services, identityKeys: [...identityKeys], logger });
  } catch (cause) {
    throw new BusbarError("USAGE", `an identity key is not one of Restate's: ${describeFailure(cause)}`, { cause });
  }
}

function trackAttempts(server: Http2Server) {
  const streams = new Set<ServerHttp2Stream>();
  let onNone = (): void => undefined;
  server.on("stream", (stream, headers) => {
    if (!headers[":path"]?.startsWith(`/invoke/${ATTEMPT_SERVICE}/`)) return;
    streams.add(stream);
    stream.once("close", () => {
      streams.delete(stream);
      if (streams.size === 0) onNone();
    });
  });
  return {
    /** Resolves when none is under way. */
    ended: () =>
      new Promise<void>((resolve) => {
        if (streams.size === 0) resolve();
        else onNone = resolve;
      }),
  };
}

function elapsed({ clock }: Pick<WorkerTools, "clock">, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

function listening(server: Http2Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `a worker cannot listen on ${host}:${port}: ${describeFailure(cause)}`;
      reject(new BusbarError("ADDRESS_UNAVAILABLE", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
}
