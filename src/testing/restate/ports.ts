import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Where systems look for a port of a connection that goes out, or for port 0, they do not look here: the port of a
 * server that was killed is still free when it is started again.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** Ports of 127.0.0.1 on which nobody listens. */
export async function findPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
