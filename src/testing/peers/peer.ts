// Peers that misbehave, each a real server on loopback. What all of them have in common.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface RunningPeer {
  /** `host:port`, ready for a service. */
  readonly address: string;
  readonly port: number;
  /** How many connections it has accepted so far. */
  readonly connections: () => number;
  /** Ends every connection and the server. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PeerOptions {
  /** Loopback if left out. */
  readonly host?: string;
  /** A free one if left out. */
  readonly port?: number;
}

/** Makes a peer of any server of net, tls, http or http2 and waits until it listens. */
export async function listenAsPeer(server: Server, options: PeerOptions = {}): Promise<RunningPeer> {
  const host = options.host ?? "127.0.0.1";
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined); // a peer that goes away is what the tests are about
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
    port,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An address where nothing listens: its port was free a moment ago. */
export async function findRefusedAddress(): Promise<string> {
  const peer = await listenAsPeer(createServer());
  await peer.close();
  return peer.address;
}
