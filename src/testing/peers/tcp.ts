// Peers that accept connections and do not speak gRPC.
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { readCerts } from "./certs.ts";
import { listenAsPeer, type PeerOptions, type RunningPeer } from "./peer.ts";

/** Accepts connections and never says a word. */
export function startSilentPeer(options?: PeerOptions): Promise<RunningPeer> {
  return listenAsPeer(
    createServer((socket) => socket.resume()),
    options,
  );
}

/** Accepts connections and ends each at once. */
export function startHangUpPeer(options?: PeerOptions): Promise<RunningPeer> {
  return listenAsPeer(
    createServer((socket) => socket.end()),
    options,
  );
}

/** A web server of the old kind. */
export function startHttp1Peer(options?: PeerOptions): Promise<RunningPeer> {
  return listenAsPeer(
    createHttpServer((_request, response) => response.end("<html>hello</html>")),
    options,
  );
}

/** Greets everyone with a line of its own, as mail servers and databases do. */
export function startBannerPeer(options?: PeerOptions): Promise<RunningPeer> {
  return listenAsPeer(
    createServer((socket) => socket.resume().write("220 mail.example ESMTP\r\n")),
    options,
  );
}

/** Speaks TLS, and HTTP/1.1 at most. */
export function startTlsPeer(options?: PeerOptions): Promise<RunningPeer> {
  const { serverCert, serverKey } = readCerts();
  return listenAsPeer(
    createTlsServer({ cert: serverCert, key: serverKey, ALPNProtocols: ["http/1.1"] }, (socket) => {
      socket.on("error", () => undefined);
      socket.resume();
    }),
    options,
  );
}
