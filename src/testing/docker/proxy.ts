import { createHash } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Something that listens, for a client of an engine to connect to. */
export interface Listener {
  /** 127.0.0.1:PORT, or the path of the socket. */
  readonly address: string;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Connections that are cut, after so many that are passed on: an engine that starts, or starts again. */
  readonly cutConnections?: { readonly after: number; readonly count: number };
  /** Cuts what the client is attached to a container by, once so many bytes of its output have come. */
  readonly cutOutput?: OutputCut;
  /** Of a socket; a free TCP port if left out. */
  readonly path?: string;
}

export interface OutputCut {
  readonly afterBytes: number;
  /** With all other connections, as an engine that is killed; otherwise they do not notice. */
  readonly all: boolean;
}

/** Passes connections on to the engine that the test's own DOCKER_HOST names. */
export function startEngineProxy({ cutConnections, cutOutput, path }: ProxyOptions = {}): Promise<Listener> {
  const socketPath = enginePath() ?? "";
  const { after, count } = cutConnections ?? { after: 0, count: 0 };
  let connections = 0;
  const open = new Set<Socket>();
  return listen((socket) => {
    connections += 1;
    if (connections > after && connections <= after + count) return void socket.destroy();
    const engine = connect(socketPath);
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    for (const one of [socket, engine]) {
      one.on("error", () => undefined);
      one.on("close", () => {
        socket.destroy();
        engine.destroy();
      });
    }
    socket.pipe(engine);
    if (cutOutput === undefined) return void engine.pipe(socket);
    passUntil(engine, socket, cutOutput.afterBytes, () => {
      for (const one of cutOutput.all ? [...open] : [socket]) one.end();
    });
  }, path);
}

/** Passes on what the engine says; of a connection that becomes the stream of an output, no more than so many bytes. */
function passUntil(engine: Socket, client: Socket, maxBytes: number, cut: () => void): void {
  let left = Number.POSITIVE_INFINITY;
  engine.on("data", (chunk: Buffer) => {
    if (chunk.toString("latin1", 0, 12) === "HTTP/1.1 101") left = chunk.indexOf("\r\n\r\n") + 4 + maxBytes;
    client.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) cut();
  });
}

/** Takes connections and never says a word. */
export function startSilentEngine(path?: string): Promise<Listener> {
  return listen((socket) => void socket.on("error", () => undefined).resume(), path);
}

/** The engine's socket on this machine, if that is where it is. */
export function enginePath(): string | undefined {
  return /^unix:\/\/(.+)$/.exec(process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock")?.[1];
}

async function listen(answer: (socket: Socket) => void, path: string | undefined): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    answer(socket);
  });
  await new Promise<void>(
    (resolve) => void (path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve)),
  );
  return { address: path ?? addressOf(server), close: () => close(server, sockets) };
}

/** A registry that has any image that it is asked for, with no layers. Plaintext, as engines allow on loopback. */
export async function startRegistry(): Promise<Listener> {
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
  );
  const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const described = {
    mediaType: "application/vnd.docker.container.image.v1+json",
    size: config.length,
    digest: digestOf(config),
  };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers: [] }));
  const server = createHttpServer((request, response) => {
    const isManifest = request.url?.includes("/manifests/") === true;
    if (isManifest) {
      response.setHeader("Content-Type", mediaType);
      response.setHeader("Docker-Content-Digest", digestOf(manifest));
    }
    response.end(isManifest ? manifest : request.url === "/v2/" ? "{}" : config);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    address: addressOf(server),
    async close() {
      server.closeAllConnections();
      await close(server, []);
    },
  };
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => void server.close(() => resolve()));
}
