import type { Socket } from "node:net";

/**
 * Breaks a connection: the other side gets a reset, or an end where this one has just been ended.
 *
 * While the end is on its way, libuv refuses to reset (EINVAL), and Node takes the socket for closed all the same: it
 * stays open, and the process never ends but spins where it closes what is left.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
