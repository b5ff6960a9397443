// A connection that is being made: within a deadline, and with a reason where it does not come about.
import type { ClientHttp2Session } from "node:http2";
import type { CancelTimer } from "../../kernel/clock.ts";
import { err, type Result } from "../../kernel/result.ts";
import { formatEndpoint } from "../../kernel/target.ts";
import { type Connection, type ConnectionOptions, startConnection } from "./connection.ts";
import { dial, faultOfHandshake, type Route } from "./dial.ts";
import type { Fault, Phase } from "./fault.ts";
import { lookAtPeer } from "./look.ts";
import { afterAwake } from "./timers.ts";

export interface Attempt {
  /** Never rejects. Does not resolve after `destroy`. */
  readonly result: Promise<Result<Connection, Fault>>;
  readonly phase: Phase;
  readonly address: string;
  /** Nobody waits for it any more: it goes on, but does not hold the process alive. */
  abandon(): void;
  /** Somebody waits for it again. */
  adopt(): void;
  destroy(): void;
}

/** As in gRPC (doc/connection-backoff.md, MIN_CONNECT_TIMEOUT). */
export const CONNECT_MS = 20_000;

export function openConnection(route: Route, options: ConnectionOptions): Attempt {
  const { clock } = options;
  const address = formatEndpoint(route.endpoint);
  const dialling = dial(route);
  let session: ClientHttp2Session | undefined;
  let isDestroyed = false;
  let isAbandoned = false;
  /** While it has failed, and the peer is looked at once more to say why. */
  let looking: AbortController | undefined;
  const outcome = Promise.withResolvers<Result<Connection, Fault>>();

  const destroy = (): void => {
    isDestroyed = true;
    cancelTimer?.();
    session?.destroy();
    dialling.destroy();
    looking?.abort();
  };
  const arm = (): CancelTimer =>
    afterAwake(clock, CONNECT_MS, dialling.bytesRead, () => {
      outcome.resolve(err(silentFault(route, dialling.phase)));
      destroy();
    });
  let cancelTimer: CancelTimer | undefined = arm();

  const settle = (result: Result<Connection, Fault>): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!isDestroyed) outcome.resolve(result);
  };

  /** For somebody who waits to hear it; it ends with that, as it holds the process alive. */
  const lookAgain = async (): Promise<Fault> => {
    looking = new AbortController();
    const saw = isAbandoned ? undefined : await lookAtPeer(route.endpoint, clock, looking.signal);
    return saw === undefined ? { kind: "hungUp", address, phase: "preface" } : { kind: "notHttp2", address, saw };
  };

  void dialling.socket.then((dialled) => {
    if (isDestroyed) return;
    if (!dialled.ok) return settle(dialled);
    const started = startConnection(dialled.value, address, options);
    session = started.session;
    void started.ready.then(async (ready) => {
      if (isDestroyed) return;
      if (ready.ok) return settle(ready);
      session?.destroy();
      const fault = explainEnd(ready.error, route);
      settle(err(fault ?? (await lookAgain())));
    });
  });

  return {
    result: outcome.promise,
    address,
    get phase() {
      return dialling.phase;
    },
    abandon() {
      isAbandoned = true;
      looking?.abort();
      cancelTimer?.();
      cancelTimer = undefined;
      dialling.hold(false);
    },
    adopt() {
      isAbandoned = false;
      cancelTimer ??= arm();
      dialling.hold(true);
    },
    destroy,
  };
}

export function silentFault(route: Pick<Route, "endpoint" | "proxy">, phase: Phase): Fault {
  const proxy = route.proxy?.url;
  if (proxy !== undefined && (phase === "connect" || phase === "proxy")) {
    return { kind: "proxy", proxy, proxyFault: { sort: "silent", phase } };
  }
  const address = formatEndpoint(route.endpoint);
  return { kind: "silent", address, phase, ...(proxy === undefined ? {} : { proxy }) };
}

/** Why a peer that was connected to has ended that before its first SETTINGS; undefined where a second look may tell. */
function explainEnd(error: NodeJS.ErrnoException | undefined, route: Route): Fault | undefined {
  const { endpoint, host, tls, proxy } = route;
  const address = formatEndpoint(endpoint);
  const hungUp: Fault = { kind: "hungUp", address, phase: "preface" };
  const isOtherProtocol = error?.code === "ERR_HTTP2_ERROR";
  if (tls !== undefined) {
    if (isOtherProtocol) return { kind: "notHttp2", address, saw: { sort: "notAsAgreed" } };
    // A server of TLS 1.3 looks at our certificate when the handshake has ended for us.
    const fault = faultOfHandshake(error ?? new Error(), address, {
      host: tls.serverName ?? host,
      hasIdentity: tls.certFile !== undefined,
      hasServerCertificate: true,
    });
    return fault.kind === "hungUp" ? hungUp : fault;
  }
  if (proxy !== undefined) return isOtherProtocol ? { kind: "notHttp2", address, saw: { sort: "noHttp2" } } : hungUp;
  return undefined;
}
