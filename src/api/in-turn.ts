import type { RequestListener } from "node:http";
import type { Duplex } from "node:stream";

/** Requests that a connection may send before it has its answers. */
const MAX_WAITING = 100;

/**
 * Hands the requests of a connection on one after the other. Node would begin them all at once, and never tell of those
 * whose turn did not come that nobody waits for them any more.
 */
export function inTurn(listener: RequestListener): RequestListener {
  const lines = new WeakMap<Duplex, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const waiting = lines.get(socket);
    if (waiting === undefined) {
      lines.set(socket, []);
      begin();
    } else if (waiting.length < MAX_WAITING) waiting.push(begin);
    else socket.destroy();

    function begin(): void {
      response.once("close", () => {
        const next = lines.get(socket)?.shift();
        if (next === undefined) lines.delete(socket);
        else if (!socket.destroyed) next();
      });
      listener(request, response);
    }
  };
}
