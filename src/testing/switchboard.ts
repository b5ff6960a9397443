import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { resetSocket } from "./reset-socket.ts";

/**
 * One address with several backends behind it, as a Service of Kubernetes with its pods: each new connection goes to
 * the next of them. Boards can stand one behind another, so that one backend of several can be cut off.
 */
export interface Switchboard {
  /** 127.0.0.1:PORT */
  readonly address: string;
  /** HOST:PORT */
  add(backend: string): void;
  /** Its connections are cut. */
  remove(backend: string): void;
  /**
   * A network that is silent: connections stay, new ones are taken, and nothing arrives. What is sent meanwhile arrives
   * after `heal`, as what TCP sends again.
   */
  drop(): void;
  /** Cuts all connections, and each new one until `heal`. */
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

type Network = "whole" | "silent" | "cut";

/** A connection, which in a silent network may have no backend yet. */
interface Line {
  readonly client: Socket;
  backend: Backend | undefined;
}

interface Backend {
  readonly address: string;
  readonly socket: Socket;
}

/** @param backends HOST:PORT each */
export async function startSwitchboard(backends: readonly string[] = []): Promise<Switchboard> {
  const lines = new Set<Line>();
  let network: Network = "whole";
  let known = [...backends];
  let turn = 0;

  // Half of a connection may end before the other; nothing is read before it is piped.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    if (network === "cut") return void resetSocket(client);
    const line: Line = { client, backend: undefined };
    lines.add(line);
    client.on("error", () => hangUp(line)).on("close", () => endOf(client, line));
    if (network === "whole") put(line);
  });

  /** To the backend that it has, or to the next. */
  function put(line: Line): void {
    line.backend ??= dial(line);
    if (line.backend === undefined) return hangUp(line);
    line.client.pipe(line.backend.socket).pipe(line.client);
  }

  function dial(line: Line): Backend | undefined {
    const address = known[turn++ % known.length];
    if (address === undefined) return undefined;
    const { hostname: host, port } = new URL(`tcp://${address}`);
    const socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    socket.on("error", () => hangUp(line)).on("close", () => endOf(socket, line));
    return { address, socket };
  }

  /** One that was destroyed takes the other with it; of one that ended, the other may still have to say something. */
  function endOf(socket: Socket, line: Line): void {
    if (!socket.readableEnded || (line.client.closed && line.backend?.socket.closed !== false)) hangUp(line);
  }

  function hangUp(line: Line): void {
    lines.delete(line);
    resetSocket(line.client);
    if (line.backend !== undefined) resetSocket(line.backend.socket);
  }

  function hangUpAll(): void {
    for (const line of lines) hangUp(line);
  }

  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    add(backend) {
      known.push(backend);
    },
    remove(backend) {
      known = known.filter((one) => one !== backend);
      for (const line of lines) if (line.backend?.address === backend) hangUp(line);
    },
    drop() {
      network = "silent";
      for (const { client, backend } of lines) {
        client.unpipe().pause();
        backend?.socket.unpipe().pause();
      }
    },
    cut() {
      network = "cut";
      hangUpAll();
    },
    heal() {
      const before = network;
      network = "whole";
      if (before === "silent") for (const line of lines) put(line);
    },
    async close() {
      hangUpAll();
      server.close();
      await once(server, "close");
    },
  };
}
