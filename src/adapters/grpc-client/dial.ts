// From an endpoint to a socket over which HTTP/2 can be spoken: TCP or unix, through a proxy, with TLS.
import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { err, ok, type Result } from "../../kernel/result.ts";
import { type Endpoint, formatEndpoint } from "../../kernel/target.ts";
import type { Fault, Phase } from "./fault.ts";
import type { Guard } from "./guard.ts";
import type { HttpProxy } from "./proxy.ts";
import { type Handshake, NO_ALPN, readTlsError, serverNameOf, watchDates } from "./tls-fault.ts";
import { createTrust, type Environment, type TlsOptions } from "./trust.ts";
import { openTunnel } from "./tunnel.ts";

/** Everything that a connection depends on. */
export interface Route {
  readonly endpoint: Endpoint;
  /** Of the target: what the server's certificate must be for, if `tls` has no name of its own. */
  readonly host: string;
  readonly tls?: TlsOptions;
  readonly proxy?: HttpProxy;
  readonly env: Environment;
  readonly guard?: Guard;
}

export interface Dial {
  /** Never rejects. Does not resolve after `destroy`. */
  readonly socket: Promise<Result<Socket, Fault>>;
  /** How far it has come. */
  readonly phase: Phase;
  /** Bytes that have come in. */
  bytesRead(): number;
  /** Whether it keeps the process alive. */
  hold(held: boolean): void;
  /** Ends it, whatever it waits for. */
  destroy(): void;
}

export function dial(route: Route): Dial {
  const { endpoint, proxy, tls } = route;
  const address = formatEndpoint(endpoint);
  let phase: Phase = "connect";
  let current: Socket | undefined;
  let isHeld = true;
  let isDestroyed = false;

  const follow = (socket: Socket): void => {
    current = socket;
    // Between two phases nobody else listens; an error would be thrown then.
    socket.on("error", () => undefined);
    if (isDestroyed) socket.destroy();
    else if (!isHeld) socket.unref();
  };

  const connectRaw = (): Promise<Result<Socket, Fault>> => {
    // The last moment: what is asked for here is what is connected to, and nothing looks a name up after it.
    if (route.guard?.admits(endpoint, route.host) === false)
      return Promise.resolve(err({ kind: "notAllowed", address }));
    if (proxy !== undefined) {
      const followTunnel = (socket: Socket): void => {
        follow(socket);
        socket.once("connect", () => {
          phase = "proxy";
        });
      };
      return openTunnel(proxy, address, route.env, followTunnel).then((tunnel) =>
        tunnel.ok ? tunnel : err({ kind: "proxy", proxy: proxy.url, proxyFault: tunnel.error }),
      );
    }
    return new Promise((resolve) => {
      const socket = connect({ ...endpoint, noDelay: true });
      follow(socket);
      const onError = ({ code = "EIO" }: NodeJS.ErrnoException): void =>
        // It was there: a reset may come before Node has told that it is connected.
        resolve(err(code === "ECONNRESET" ? { kind: "hungUp", address, phase } : { kind: "refused", address, code }));
      socket.once("error", onError);
      socket.once("connect", () => {
        socket.off("error", onError);
        resolve(ok(socket));
      });
    });
  };

  const secure = (raw: Socket, options: TlsOptions): Promise<Result<Socket, Fault>> => {
    const trust = createTrust(options, route.env, route.guard);
    if (!trust.ok) {
      raw.destroy();
      return Promise.resolve(err({ kind: "tls", address, tls: trust.error }));
    }
    phase = "tls";
    const name = options.serverName ?? route.host;
    const { checkServerIdentity, connect: connectTls } = process.getBuiltinModule("node:tls");
    const before = raw.bytesRead;
    return new Promise((resolve) => {
      const socket = connectTls({
        socket: raw,
        secureContext: trust.value,
        // Whom to trust the file says; NODE_TLS_REJECT_UNAUTHORIZED=0 does not change it.
        rejectUnauthorized: true,
        ALPNProtocols: ["h2"],
        ...serverNameOf(name),
        checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      });
      follow(socket);
      const datesOf = watchDates(socket);
      socket.once("error", (error: NodeJS.ErrnoException) => {
        const handshake = { ...handshakeOf(socket, name, options), dates: datesOf() };
        const fault = faultOfHandshake(error, address, handshake);
        resolve(err(fault.kind === "hungUp" && raw.bytesRead > before ? { ...fault, amid: true } : fault));
        socket.destroy();
      });
      socket.once("secureConnect", () => resolve(acceptAlpn(socket, address)));
    });
  };

  const run = async (): Promise<Result<Socket, Fault>> => {
    const raw = await connectRaw();
    const ready = raw.ok && tls !== undefined && !isDestroyed ? await secure(raw.value, tls) : raw;
    if (ready.ok) phase = "preface";
    return ready;
  };

  return {
    socket: run(),
    get phase() {
      return phase;
    },
    bytesRead: () => current?.bytesRead ?? 0,
    hold(held) {
      isHeld = held;
      if (held) current?.ref();
      else current?.unref();
    },
    destroy() {
      isDestroyed = true;
      current?.destroy();
    },
  };
}

function acceptAlpn(socket: TLSSocket, address: string): Result<Socket, Fault> {
  if (socket.alpnProtocol === "h2") return ok(socket);
  socket.destroy();
  return err({ kind: "notHttp2", address, saw: { sort: "noAlpn" } });
}

function handshakeOf(socket: TLSSocket, host: string, { certFile }: TlsOptions): Handshake {
  const hasServerCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  return { host, hasIdentity: certFile !== undefined, hasServerCertificate };
}

/** An error before the handshake has ended, or one after it that still belongs to it (a refused client certificate). */
export function faultOfHandshake(error: NodeJS.ErrnoException, address: string, handshake: Handshake): Fault {
  if (error.code === NO_ALPN) return { kind: "notHttp2", address, saw: { sort: "noAlpn" } };
  const tls = readTlsError(error, handshake);
  return tls === undefined ? { kind: "hungUp", address, phase: "tls" } : { kind: "tls", address, tls };
}
