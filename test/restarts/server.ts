// A gRPC server that comes and goes: once told "go" it serves for 50 ms, shuts down as a killed one would, and serves
// again at the same port, until it is killed. Says on stdout READY, the port, and each call that reaches it, before it
// answers. Arguments: the port, 0 for a free one; a seed.

import { once } from "node:events";
import { writeSync } from "node:fs";
import { createSeededRandom } from "../../src/kernel/random.ts";
import { startGrpcPeer } from "../../src/testing/peers/grpc.ts";

const LIFE_MS = 50;
const [given = "", seed = ""] = process.argv.slice(2);
const random = createSeededRandom(Number(seed));
const say = (line: string): void => void writeSync(1, `${line}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let port = Number(given);
say("READY");
await once(process.stdin, "data");
for (;;) {
  const peer = await startGrpcPeer({
    port,
    async answer({ metadata }) {
      const [key = "", attempt = ""] = ["idempotency-key", "x-busbar-attempt"].map((name) => metadata.get(name).join());
      say(`CALL ${key} ${attempt}`);
      await sleep(random.next() * 10);
      return { success: true, message: "done" };
    },
  });
  port = peer.port;
  say(`PORT ${port}`);
  await sleep(LIFE_MS);
  await peer.close();
}
