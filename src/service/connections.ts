import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** The connections that clients have to a port of this process. */
export interface Connections {
  /** Waits until all have parted, but not longer than `graceMs`, and ends those that are left. */
  close(graceMs: number): Promise<void>;
}

/**
 * Keeps account of the connections from now on. grpc-js ends its side of each when it shuts down, and then waits for
 * the client to end the other: one that is frozen would keep the process alive for as long as it is.
 *
 * @param port on which this process listens
 */
export function trackConnections(port: number): Connections {
  const sockets = new Set<Socket>();
  let onParted = (): void => {};
  const note = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== port) return;
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) onParted();
    });
  };
  subscribe("net.server.socket", note);
  return {
    async close(graceMs) {
      unsubscribe("net.server.socket", note);
      if (sockets.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        onParted = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      for (const socket of sockets) socket.destroy();
    },
  };
}
