import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ProxyFault } from "./fault.ts";
import type { HttpProxy } from "./proxy.ts";
import { readTlsError } from "./tls-fault.ts";
import { createTrust, type Environment } from "./trust.ts";

/**
 * Asks a proxy for a way to `host:port` (CONNECT; RFC 9110, 9.3.6). What the peer behind it has said by then is left in
 * the socket to be read.
 *
 * @param onSocket gets the socket as soon as there is one, so that a deadline can end it
 */
export function openTunnel(
  proxy: HttpProxy,
  hostPort: string,
  env: Environment,
  onSocket: (socket: Socket) => void,
): Promise<Result<Socket, ProxyFault>> {
  const secure = proxy.secure ? createTrust({}, env) : undefined;
  if (secure?.ok === false) return Promise.resolve(err({ sort: "tls", tls: secure.error }));
  const at = { host: proxy.host, port: proxy.port };
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
      createConnection: () => (secure === undefined ? connect(at) : connectTls({ ...at, secureContext: secure.value })),
    });
    connecting.on("socket", onSocket);
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
    connecting.on("error", (error: NodeJS.ErrnoException & { readonly syscall?: string }) => {
      resolve(err(readProxyError(error, proxy)));
    });
    connecting.end();
  });
}

function readProxyError(error: NodeJS.ErrnoException & { readonly syscall?: string }, proxy: HttpProxy): ProxyFault {
  const code = error.code ?? "";
  if (error.syscall === "getaddrinfo") return { sort: "unresolvable", code };
  // The parser of HTTP answers.
  if (code.startsWith("HPE_")) return { sort: "notHttp" };
  const tls = proxy.secure ? readTlsError(error, proxy.host, false) : undefined;
  return tls === undefined ? { sort: "unreachable", code } : { sort: "tls", tls };
}
