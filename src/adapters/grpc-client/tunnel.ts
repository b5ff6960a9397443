import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ProxyFault } from "./fault.ts";
import type { HttpProxy } from "./proxy.ts";
import { type Handshake, readTlsError, serverNameOf, watchDates } from "./tls-fault.ts";
import { createTrust, type Environment } from "./trust.ts";

/**
 * Asks a proxy for a way to `host:port` (CONNECT; RFC 9110, 9.3.6). What the peer behind it has said by then is left in
 * the socket to be read.
 *
 * @param onSocket gets the socket as soon as there is one, so that a deadline can end it
 */
export async function openTunnel(
  proxy: HttpProxy,
  hostPort: string,
  env: Environment,
  onSocket: (socket: Socket) => void,
): Promise<Result<Socket, ProxyFault>> {
  const reached = await reach(proxy, env, onSocket);
  return reached.ok ? await requestTunnel(proxy, hostPort, reached.value) : reached;
}

/** Before the request is written: with that waiting in it, a TLS socket tells EPROTO in the place of what went wrong. */
function reach(
  proxy: HttpProxy,
  env: Environment,
  onSocket: (socket: Socket) => void,
): Promise<Result<Socket, ProxyFault>> {
  const { host, port, secure } = proxy;
  const trust = secure ? createTrust({}, env) : undefined;
  if (trust?.ok === false) return Promise.resolve(err({ sort: "tls", tls: trust.error }));
  return new Promise((resolve) => {
    const socket =
      trust === undefined
        ? connect({ host, port, noDelay: true })
        : process.getBuiltinModule("node:tls").connect({
            ...{ host, port, noDelay: true },
            secureContext: trust.value,
            rejectUnauthorized: true,
            ...serverNameOf(host),
          });
    onSocket(socket);
    const datesOf = "getPeerCertificate" in socket ? watchDates(socket) : undefined;
    const onError = (error: ConnectError): void => {
      resolve(err(readError(error, proxy, socket, datesOf?.())));
      socket.destroy();
    };
    socket.once("error", onError);
    socket.once(trust === undefined ? "connect" : "secureConnect", () => {
      socket.off("error", onError);
      resolve(ok(socket));
    });
  });
}

function requestTunnel(proxy: HttpProxy, hostPort: string, through: Socket): Promise<Result<Socket, ProxyFault>> {
  // Loaded where there is a proxy: importing it costs every start 15 ms, more than all the rest of this client.
  const { request } = process.getBuiltinModule("node:http");
  return new Promise((resolve) => {
    const connecting = request({
      method: "CONNECT",
      path: hostPort,
      setDefaultHeaders: false,
      headers: {
        host: hostPort,
        ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
      },
      // Instead of an agent, which might have a proxy of its own.
      createConnection: () => through,
    });
    connecting.on("connect", (response, socket: Socket, head) => {
      const httpStatus = response.statusCode ?? 0;
      if (httpStatus < 200 || httpStatus > 299) {
        socket.destroy();
        resolve(err({ sort: "answer", httpStatus }));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(ok(socket));
    });
    // Only where a proxy takes CONNECT for a method of its own.
    connecting.on("response", (response) => {
      response.destroy();
      resolve(err({ sort: "answer", httpStatus: response.statusCode ?? 0 }));
    });
    connecting.on("error", (error: ConnectError) => resolve(err(readError(error, proxy, through))));
    connecting.end();
  });
}

type ConnectError = NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] };

function readError(
  error: ConnectError,
  proxy: HttpProxy,
  socket: Socket | TLSSocket,
  dates?: Handshake["dates"],
): ProxyFault {
  // Of a name with several addresses each has an error of its own, and what holds them together has no `syscall`.
  const { code = "", syscall } = error.errors?.[0] ?? error;
  // The parser of HTTP answers.
  if (code.startsWith("HPE_")) return { sort: "notHttp" };
  if (syscall === "getaddrinfo") return { sort: "unresolvable", code };
  if (syscall === "connect") return { sort: "unreachable", code };
  if (!("getPeerCertificate" in socket)) return { sort: "hungUp" };
  const hasServerCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  const tls = readTlsError(error, { host: proxy.host, hasIdentity: false, hasServerCertificate, dates });
  return tls === undefined ? { sort: "hungUp" } : { sort: "tls", tls };
}
